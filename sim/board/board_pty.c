/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "sim/board/board_pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 4096, SILENCE_MS = 20, QUIET_TURNS = 15 };

struct weft_board_pty {
  weft_byte_device device;
  weft_fault_line *up, *down;
  bool hangs_up;
  int master, slave;
  char path[64];
  pthread_t thread;
  atomic_bool is_ending;
  uint8_t to_device[CHUNK], to_host[CHUNK];
  uint32_t n_to_device, n_to_host;
  const char *error;
};

static uint64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

/* Host to device. */
static void move_up(weft_board_pty *p, short events) {
  uint8_t data[CHUNK];
  if (p->up != NULL) {
    ssize_t n = (events & POLLIN) != 0 ? read(p->master, data, sizeof data) : 0;
    if (n > 0)
      weft_fault_put(p->up, data, (uint32_t)n, now_ms());
    p->n_to_device += weft_fault_get(p->up, p->to_device + p->n_to_device, CHUNK - p->n_to_device, now_ms());
  } else if ((events & POLLIN) != 0 && p->n_to_device < CHUNK) {
    ssize_t n = read(p->master, p->to_device + p->n_to_device, CHUNK - p->n_to_device);
    p->n_to_device += n > 0 ? (uint32_t)n : 0;
  }
  uint32_t taken = p->device.put(p->device.self, p->to_device, p->n_to_device);
  p->n_to_device -= taken;
  memmove(p->to_device, p->to_device + taken, p->n_to_device);
}

/* Device to host. */
static void move_down(weft_board_pty *p) {
  uint8_t data[CHUNK];
  uint32_t n = p->down == NULL ? p->device.get(p->device.self, p->to_host + p->n_to_host, CHUNK - p->n_to_host)
                               : p->device.get(p->device.self, data, sizeof data);
  if (p->down != NULL) {
    weft_fault_put(p->down, data, n, now_ms());
    n = weft_fault_get(p->down, p->to_host + p->n_to_host, CHUNK - p->n_to_host, now_ms());
  }
  p->n_to_host += n;
  if (p->n_to_host == 0)
    return;
  ssize_t written = write(p->master, p->to_host, p->n_to_host);
  if (written <= 0)
    return;
  p->n_to_host -= (uint32_t)written;
  memmove(p->to_host, p->to_host + written, p->n_to_host);
}

static bool is_cut(const weft_board_pty *p) {
  return p->hangs_up && ((p->up != NULL && p->up->is_cut) || (p->down != NULL && p->down->is_cut));
}

static void on_silence(weft_board_pty *p) {
  if (p->up != NULL)
    weft_fault_flush(p->up);
  if (p->down != NULL)
    weft_fault_flush(p->down);
  p->device.silence(p->device.self);
}

static bool is_pending(const weft_board_pty *p) {
  return p->n_to_device > 0 || p->n_to_host > 0 || (p->up != NULL && p->up->from != p->up->to) ||
         (p->down != NULL && p->down->from != p->down->to);
}

static void *serve(void *self) {
  weft_board_pty *p = self;
  int quiet = 0;
  while (!atomic_load(&p->is_ending) && p->error == NULL && !is_cut(p)) {
    bool is_busy = p->device.advance(p->device.self);
    struct pollfd f = {p->master, (short)(p->n_to_device < CHUNK ? POLLIN : 0), 0};
    bool is_waiting = is_pending(p);
    int n = poll(&f, 1, is_busy ? 0 : is_waiting ? 1 : SILENCE_MS);
    move_up(p, n > 0 ? f.revents : 0);
    move_down(p);
    p->error = p->device.error(p->device.self);
    if (n > 0 && (f.revents & POLLIN) != 0)
      quiet = 0;
    else if (!is_busy && !is_waiting && quiet < QUIET_TURNS && quiet++ < QUIET_TURNS)
      on_silence(p);            /* a while of them: a rate on trial falls back   */
  }
  if (is_cut(p)) {              /* hang up: the host's reads fail from now on    */
    close(p->slave);
    close(p->master);
    p->slave = p->master = -1;
  }
  return NULL;
}

static weft_status fail(weft_diag *d, const char *what) {
  return weft_fail(d, WEFT_E_LINK, "pseudo terminal", weft_diag_text(d, "%s: %s", what, strerror(errno)), "a free one", NULL);
}

static weft_status make_pair(weft_board_pty *p, weft_diag *d) {
  struct termios t;
  p->slave = -1;
  p->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (p->master < 0 || grantpt(p->master) != 0 || unlockpt(p->master) != 0 ||
      ptsname_r(p->master, p->path, sizeof p->path) != 0)
    return fail(d, "openpt");
  p->slave = open(p->path, O_RDWR | O_NOCTTY | O_CLOEXEC);   /* kept: a host may come and go */
  if (p->slave < 0 || tcgetattr(p->slave, &t) != 0)
    return fail(d, p->path);
  cfmakeraw(&t);
  return tcsetattr(p->slave, TCSANOW, &t) == 0 ? WEFT_OK : fail(d, p->path);
}

weft_status weft_board_pty_open(weft_arena *arena, weft_diag *d, const weft_byte_device *device, weft_fault_line *up,
                                weft_fault_line *down, bool hangs_up, weft_board_pty **out) {
  weft_board_pty *p = WEFT_NEW(arena, weft_board_pty, 1);
  p->device = *device;
  p->up = up;
  p->down = down;
  p->hangs_up = hangs_up;
  weft_status s = make_pair(p, d);
  if (s == WEFT_OK && (errno = pthread_create(&p->thread, NULL, serve, p)) != 0)
    s = fail(d, "thread");
  if (s != WEFT_OK) {
    if (p->master >= 0)
      close(p->master);
    if (p->slave >= 0)
      close(p->slave);
    return s;
  }
  *out = p;
  return WEFT_OK;
}

const char *weft_board_pty_path(const weft_board_pty *p) { return p->path; }

const char *weft_board_pty_close(weft_board_pty **p) {
  if (*p == NULL)
    return NULL;
  atomic_store(&(*p)->is_ending, true);
  pthread_join((*p)->thread, NULL);
  if ((*p)->slave >= 0)
    close((*p)->slave);
  if ((*p)->master >= 0)
    close((*p)->master);
  const char *error = (*p)->error;
  *p = NULL;
  return error;
}
