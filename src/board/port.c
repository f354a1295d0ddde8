/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "board/board_host.h"

struct weft_port {
  struct sp_port *serial;                  /* or NULL: fd                          */
  int fd;
};

static weft_status fail(weft_diag *d, const char *path, const char *why) {
  return weft_fail(d, WEFT_E_LINK, weft_diag_text(d, "%s", path), weft_diag_text(d, "%s", why), "a serial port that can be opened",
                   "plug the board in; 'ls /dev/ttyUSB* /dev/ttyACM*'; the user must be in the port's group (dialout)");
}

static uint32_t port_now(void *self) {
  struct timespec t;
  (void)self;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint32_t)((uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u);
}

static void port_pause(void *self, uint32_t ms) {
  const struct timespec t = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
  (void)self;
  nanosleep(&t, NULL);
}

static int port_cancelled(void *self) {
  (void)self;
  return weft_interrupted();
}

/* > 0: ready, 0: not in time, < 0: gone. */
static int wait_for(const weft_port *p, short events, uint32_t wait_ms) {
  struct pollfd f = {p->fd, events, 0};
  int n = poll(&f, 1, (int)wait_ms);
  if (n < 0)
    return errno == EINTR ? 0 : -1;
  return n > 0 && (f.revents & (POLLERR | POLLNVAL)) != 0 ? -1 : n;
}

static int tty_write(void *self, const uint8_t *data, uint32_t n_bytes, uint32_t wait_ms) {
  const weft_port *p = self;
  int ready = wait_for(p, POLLOUT, wait_ms);
  if (ready <= 0)
    return ready;
  ssize_t n = write(p->fd, data, n_bytes);
  return n < 0 ? (errno == EAGAIN || errno == EINTR ? 0 : -1) : (int)n;
}

static int tty_read(void *self, uint8_t *data, uint32_t max_bytes, uint32_t wait_ms) {
  const weft_port *p = self;
  int ready = wait_for(p, POLLIN, wait_ms);
  if (ready <= 0)
    return ready;
  ssize_t n = read(p->fd, data, max_bytes);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
  return n == 0 ? -1 : (int)n;             /* ready, and nothing: hung up          */
}

static int serial_write(void *self, const uint8_t *data, uint32_t n_bytes, uint32_t wait_ms) {
  const weft_port *p = self;
  enum sp_return n = sp_blocking_write(p->serial, data, n_bytes, wait_ms != 0 ? wait_ms : 1);
  return n < 0 ? -1 : (int)n;
}

static int serial_read(void *self, uint8_t *data, uint32_t max_bytes, uint32_t wait_ms) {
  const weft_port *p = self;
  enum sp_return n = wait_ms != 0 ? sp_blocking_read_next(p->serial, data, max_bytes, wait_ms)
                                  : sp_nonblocking_read(p->serial, data, max_bytes);
  return n < 0 ? -1 : (int)n;
}

static int serial_baud(void *self, uint32_t baud) {
  const weft_port *p = self;
  sp_drain(p->serial);
  return sp_set_baudrate(p->serial, (int)baud) == SP_OK ? 0 : -1;
}

static bool open_serial(weft_port *p, const char *path, uint32_t baud, const char **why) {
  if (sp_get_port_by_name(path, &p->serial) != SP_OK) {
    p->serial = NULL;
    return false;
  }
  if (sp_open(p->serial, SP_MODE_READ_WRITE) == SP_OK && sp_set_baudrate(p->serial, (int)baud) == SP_OK &&
      sp_set_bits(p->serial, 8) == SP_OK && sp_set_parity(p->serial, SP_PARITY_NONE) == SP_OK &&
      sp_set_stopbits(p->serial, 1) == SP_OK && sp_set_flowcontrol(p->serial, SP_FLOWCONTROL_NONE) == SP_OK)
    return true;
  *why = "the port cannot be opened or set to this rate";
  sp_close(p->serial);
  sp_free_port(p->serial);
  p->serial = NULL;
  return false;
}

static bool open_tty(weft_port *p, const char *path, const char **why) {
  struct termios t;
  p->fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (p->fd < 0) {
    *why = strerror(errno);
    return false;
  }
  if (tcgetattr(p->fd, &t) == 0) {
    cfmakeraw(&t);
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    if (tcsetattr(p->fd, TCSANOW, &t) == 0) {
      tcflush(p->fd, TCIFLUSH);
      return true;
    }
  }
  *why = "not a terminal";
  close(p->fd);
  p->fd = -1;
  return false;
}

weft_status weft_port_open(weft_arena *arena, weft_diag *d, const char *path, uint32_t baud, weft_port **out,
                           weft_stream *stream) {
  weft_port *p = WEFT_NEW(arena, weft_port, 1);
  const char *why = NULL;
  p->fd = -1;
  memset(stream, 0, sizeof *stream);
  *stream = (weft_stream){p, tty_write, tty_read, NULL, port_now, port_pause, port_cancelled};
  if (open_serial(p, path, baud, &why)) {
    stream->write = serial_write;
    stream->read = serial_read;
    stream->set_baud = serial_baud;
  } else if (why != NULL || !open_tty(p, path, &why))
    return fail(d, path, why);
  *out = p;
  return WEFT_OK;
}

void weft_port_close(weft_port **p) {
  if (*p != NULL && (*p)->serial != NULL) {
    sp_close((*p)->serial);
    sp_free_port((*p)->serial);
  }
  if (*p != NULL && (*p)->fd >= 0)
    close((*p)->fd);
  *p = NULL;
}
