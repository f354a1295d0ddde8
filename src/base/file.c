/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in, whole files out. A file is written beside its name and
 * renamed; devices and pipes (/dev/null, /dev/stdout) are written directly. */
#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static weft_status fail_read(weft_diag *d, const char *path, const char *what) {
  return weft_fail(d, WEFT_E_READ, weft_diag_text(d, "%s", path),
                   weft_diag_text(d, "%s", what), "a readable regular file",
                   NULL);
}

static weft_status read_bytes(weft_diag *d, const char *path, int fd,
                              uint8_t *data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(fd, data + done, size - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail_read(d, path, strerror(errno));
    if (n == 0)
      return fail_read(d, path, "it became shorter while it was read");
    done += (size_t)n;
  }
  return WEFT_OK;
}

static weft_status read_open_file(weft_arena *arena, weft_diag *d,
                                  const char *path, int fd, size_t cap_bytes,
                                  weft_span *out) {
  struct stat st;
  if (fstat(fd, &st) != 0)
    return fail_read(d, path, strerror(errno));
  if (!S_ISREG(st.st_mode))
    return fail_read(d, path, S_ISDIR(st.st_mode) ? "a directory"
                                                  : "not a regular file");
  if (st.st_size < 0 || (uint64_t)st.st_size > cap_bytes)
    return weft_fail(d, WEFT_E_READ, weft_diag_text(d, "%s", path),
                     weft_diag_text(d, "%lld bytes", (long long)st.st_size),
                     weft_diag_text(d, "at most %zu bytes", cap_bytes), NULL);
  const size_t size = (size_t)st.st_size;
  uint8_t *data = weft_arena_alloc(arena, size, 1);
  WEFT_TRY(read_bytes(d, path, fd, data, size));
  *out = (weft_span){data, size};
  return WEFT_OK;
}

weft_status weft_file_read(weft_arena *arena, weft_diag *d, const char *path,
                           size_t cap_bytes, weft_span *out) {
  const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return fail_read(d, path, strerror(errno));
  const weft_status s = read_open_file(arena, d, path, fd, cap_bytes, out);
  close(fd);
  return s;
}

static weft_status fail_write(weft_diag *d, const char *path, int error) {
  return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", path),
                   weft_diag_text(d, "%s", strerror(error)),
                   "a writable file in an existing folder", NULL);
}

/* 0 or errno. */
static int write_bytes(int fd, const uint8_t *data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = write(fd, data + done, size - done);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno;
    done += (size_t)n;
  }
  return 0;
}

static int write_and_close(int fd, const void *data, size_t size) {
  const int error = write_bytes(fd, data, size);
  if (close(fd) != 0 && error == 0)
    return errno;
  return error;
}

/* Opens a new file beside `path`; its name goes to `temp`. */
static int open_beside(const char *path, char temp[PATH_MAX]) {
  for (int i = 0; i < 100; i++) {
    const int n = snprintf(temp, PATH_MAX, "%s.%ld.%d.part", path,
                           (long)getpid(), i);
    if (n < 0 || n >= PATH_MAX) {
      errno = ENAMETOOLONG;
      return -1;
    }
    const int fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0 || errno != EEXIST)
      return fd;
  }
  return -1;
}

static weft_status write_regular(weft_diag *d, const char *path,
                                 const void *data, size_t size) {
  char temp[PATH_MAX];
  const int fd = open_beside(path, temp);
  if (fd < 0)
    return fail_write(d, path, errno);
  int error = write_and_close(fd, data, size);
  if (error == 0 && rename(temp, path) != 0)
    error = errno;
  if (error == 0)
    return WEFT_OK;
  unlink(temp);
  return fail_write(d, path, error);
}

/* A pipe waits for its reader, and an interrupt ends that. */
static int open_existing(const char *path, bool is_fifo) {
  const struct timespec pause = {0, 20 * 1000 * 1000};
  int fd;
  while ((fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0 && errno == ENXIO && is_fifo && !weft_interrupted())
    nanosleep(&pause, NULL);
  if (fd < 0)
    return -1;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)
    return close(fd), -1;
  return fd;
}

weft_status weft_file_write(weft_diag *d, const char *path, const void *data,
                            size_t size) {
  struct stat st;
  const bool exists = stat(path, &st) == 0;
  if (!exists && errno == ELOOP)          /* rename would replace the link          */
    return fail_write(d, path, ELOOP);
  if (exists && !S_ISREG(st.st_mode)) {
    const int fd = open_existing(path, S_ISFIFO(st.st_mode));
    if (fd < 0 && weft_interrupted())
      return WEFT_E_INTERRUPTED;
    const int error = fd < 0 ? errno : write_and_close(fd, data, size);
    return error ? fail_write(d, path, error) : WEFT_OK;
  }
  char real[PATH_MAX];
  const char *target = exists && realpath(path, real) ? real : path;
  return write_regular(d, target, data, size);
}

static weft_status make_one(weft_diag *d, const char *path) {
  struct stat st;
  if (mkdir(path, 0777) == 0)
    return WEFT_OK;
  const int error = errno;
  if (stat(path, &st) != 0)
    return weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", path), weft_diag_text(d, "%s", strerror(error)),
                     "a folder that can be made", "name another one");
  return S_ISDIR(st.st_mode) ? WEFT_OK
                             : weft_fail(d, WEFT_E_WRITE, weft_diag_text(d, "%s", path), "a file of that name", "a folder, or no such name yet",
                                         "name another folder, or move the file away");
}

weft_status weft_folder_make(weft_diag *d, const char *path) {
  char part[PATH_MAX];
  const size_t n = strlen(path);
  if (n == 0 || n >= sizeof part)
    return weft_fail(d, WEFT_E_WRITE, "-o", n == 0 ? "an empty name" : "a name without end", "the name of a folder", NULL);
  memcpy(part, path, n + 1);
  for (size_t i = 1; i <= n; i++) {
    if (path[i] != '/' && path[i] != '\0')
      continue;
    part[i] = '\0';
    WEFT_TRY(make_one(d, part));
    part[i] = path[i];
  }
  return WEFT_OK;
}
