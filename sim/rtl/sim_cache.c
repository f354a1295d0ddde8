/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/rtl/sim_cache.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/progress.h"
#include "gen/gen.h"
#include "sim/rtl/sim_run_tool.h"

#define MAX_SOURCES 256
#define SOURCE_CAP_BYTES (4u << 20)
#define TOP "weft_top"

typedef struct build {
  weft_arena *arena;
  weft_diag *d;
  const weft_config *config;
  const weft_sim_target *target;
  bool trace;
  const char *const *make_flags;   /* [N_MAKE_FLAGS]                           */
  weft_sim_progress progress;
  void *user;
  double part;                  /* of the build, as told                      */
  const char *root, *cache, *entry, *work, *log;
  const char *sources[MAX_SOURCES];   /* RTL, absolute, sorted                */
  size_t n_sources;
  char key[33];
} build;

static const char *const no_folders[] = {NULL};
static const char *const shim_files[] = {
  "sim/rtl/rtl_sim.cc", "sim/rtl/rtl_sim.h", "sim/dram/dram.c", "sim/dram/dram.h",
  "sim/dram/dram_rows.c", "sim/dram/dram_rows.h", NULL,
};
static const weft_sim_target machine = {TOP, no_folders, shim_files, NULL, "weft_rtl_sim_api"};

static const char *const verilator_flags[] = {
  "--cc", "--prefix", "Vweft", "-O3", "--x-assign", "fast",
  "--noassert", "--unroll-count", "4096", "--unroll-stmts", "10000000", "-Wno-fatal", "-CFLAGS", "-fPIC",
};
#define N_VERILATOR_FLAGS (sizeof verilator_flags / sizeof verilator_flags[0])

enum { N_MAKE_FLAGS = 3 };
static const char *const fast_flags[N_MAKE_FLAGS] = {"OPT_FAST=-O3", "OPT_SLOW=-O1", "OPT_GLOBAL=-O2"};
static const char *const quick_flags[N_MAKE_FLAGS] = {"OPT_FAST=-O0", "OPT_SLOW=-O0", "OPT_GLOBAL=-O1"};

/* ---- where things are ---------------------------------------------------- */
static bool has_rtl(const char *dir) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/rtl/" TOP ".sv", dir);
  return access(path, R_OK) == 0;
}

const char *weft_sim_root(weft_arena *arena) {
  const char *env = getenv("WEFT_ROOT");
  if (env != NULL && env[0] != '\0')
    return has_rtl(env) ? weft_arena_printf(arena, "%s", env) : NULL;
  char path[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
  if (n <= 0)
    return NULL;
  path[n] = '\0';
  for (char *slash = strrchr(path, '/'); slash != NULL && slash != path; slash = strrchr(path, '/')) {
    *slash = '\0';
    if (has_rtl(path))
      return weft_arena_printf(arena, "%s", path);
    const char *share = weft_arena_printf(arena, "%s/share/weft", path);
    if (has_rtl(share))
      return share;
  }
  return NULL;
}

static weft_status make_dir(build *b, const char *path) {
  if (mkdir(path, 0700) == 0 || errno == EEXIST)
    return WEFT_OK;
  return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", path), strerror(errno),
                   "a folder that can be made", "set XDG_CACHE_HOME to a writable folder");
}

/* As mkdir -p: every missing folder above too. */
static weft_status make_dirs(build *b, const char *path) {
  char *part = weft_arena_printf(b->arena, "%s", path);
  for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = '\0';
    WEFT_TRY(make_dir(b, part));
    *slash = '/';
  }
  return make_dir(b, path);
}

/* What is in the cache gets executed: nobody else may write there. */
static weft_status check_owner(build *b) {
  struct stat st;
  if (lstat(b->cache, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
      ((st.st_mode & 077) == 0 || chmod(b->cache, 0700) == 0))
    return WEFT_OK;
  return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", b->cache), "not a folder of this user alone",
                   "a folder of this user, mode 0700", "set XDG_CACHE_HOME to another folder");
}

static weft_status find_cache(build *b) {
  const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
  const char *base = NULL;
  if (xdg != NULL && xdg[0] == '/')
    base = xdg;
  else if (home != NULL && home[0] == '/')
    base = weft_arena_printf(b->arena, "%s/.cache", home);
  if (base == NULL)
    return weft_fail(b->d, WEFT_E_WRITE, "simulator cache", "neither XDG_CACHE_HOME nor HOME is an absolute path",
                     "a folder for the cache", "set XDG_CACHE_HOME");
  if (strpbrk(base, " \t") != NULL)
    return weft_fail(b->d, WEFT_E_WRITE, base, "a space in the cache's path",
                     "a path without spaces: GNU make cannot build below one", "set XDG_CACHE_HOME");
  WEFT_TRY(make_dirs(b, base));
  b->cache = weft_arena_printf(b->arena, "%s/weft", base);
  WEFT_TRY(make_dir(b, b->cache));
  return check_owner(b);
}

/* ---- the key ------------------------------------------------------------- */
static int by_name(const void *a, const void *b) {
  const char *const *x = a, *const *y = b;
  return strcmp(*x, *y);
}

static void collect(build *b, const char *dir) {
  DIR *folder = opendir(dir);
  for (struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;) {
    if (e->d_name[0] == '.')
      continue;
    const char *path = weft_arena_printf(b->arena, "%s/%s", dir, e->d_name);
    size_t n = strlen(e->d_name);
    struct stat st;
    if (stat(path, &st) != 0)
      continue;
    if (S_ISDIR(st.st_mode))
      collect(b, path);
    else if (n > 3 && strcmp(e->d_name + n - 3, ".sv") == 0 && b->n_sources < MAX_SOURCES)
      b->sources[b->n_sources++] = path;
  }
  if (folder != NULL)
    closedir(folder);
}

static weft_status add_file(build *b, weft_sha256 *s, const char *path) {
  weft_span bytes;
  WEFT_TRY(weft_file_read(b->arena, b->d, path, SOURCE_CAP_BYTES, &bytes));
  weft_sha256_add(s, path + strlen(b->root), strlen(path + strlen(b->root)) + 1);
  weft_sha256_add(s, bytes.data, bytes.size);
  return WEFT_OK;
}

static void add_text(weft_sha256 *s, const char *text) {
  weft_sha256_add(s, text, strlen(text) + 1);
}

static const char *const package_names[] = {"weft_isa_pkg", "weft_csr_pkg", "weft_link_pkg", "weft_params_pkg", "weft_board_pkg"};
enum { N_PACKAGES = 5 };

static void generate(const build *b, FILE *f, int which) {
  switch (which) {
  case 0:
    weft_gen_sv_isa(f);
    break;
  case 1:
    weft_gen_sv_csr(f);
    break;
  case 2:
    weft_gen_sv_link(f);
    break;
  case 3:
    weft_gen_sv_params(f, b->config);
    break;
  default:                      /* may be empty                               */
    fputs(b->target->board_package != NULL ? b->target->board_package : "// no board\n", f);
    break;
  }
}

static void add_generated(build *b, weft_sha256 *s, int which) {
  char *text = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&text, &size);
  if (f == NULL)
    weft_out_of_memory(1);
  generate(b, f, which);
  fclose(f);
  weft_sha256_add(s, text, size);
  free(text);
}

static weft_status tool_identities(build *b, weft_sha256 *s) {
  static const char *const tools[] = {"verilator", "g++", "gcc", "verilator_bin"};
  for (size_t i = 0; i < 4; i++) {
    const char *identity = weft_tool_identity(b->arena, tools[i]);
    if (identity == NULL && i < 3)
      return weft_fail(b->d, WEFT_E_TOOL, tools[i], "not found on PATH", "Verilator 5.006 or newer and g++",
                       "run make demo, which installs them, or: apt-get install verilator g++ make");
    add_text(s, identity != NULL ? identity : "");
  }
  return WEFT_OK;
}

static weft_status make_key(build *b) {
  weft_sha256 s;
  weft_sha256_init(&s);
  collect(b, weft_arena_printf(b->arena, "%s/rtl", b->root));
  for (const char *const *f = b->target->folders; *f != NULL; f++)
    collect(b, weft_arena_printf(b->arena, "%s/%s", b->root, *f));
  qsort(b->sources, b->n_sources, sizeof b->sources[0], by_name);
  WEFT_TRY(tool_identities(b, &s));
  for (size_t i = 0; i < b->n_sources; i++)
    WEFT_TRY(add_file(b, &s, b->sources[i]));
  for (const char *const *f = b->target->files; *f != NULL; f++)
    WEFT_TRY(add_file(b, &s, weft_arena_printf(b->arena, "%s/%s", b->root, *f)));
  for (int i = 0; i < N_PACKAGES; i++)
    add_generated(b, &s, i);
  add_text(&s, b->target->top);
  for (size_t i = 0; i < N_VERILATOR_FLAGS; i++)
    add_text(&s, verilator_flags[i]);
  for (size_t i = 0; i < N_MAKE_FLAGS; i++)
    add_text(&s, b->make_flags[i]);
  add_text(&s, b->trace ? "trace" : "plain");
  uint8_t digest[32];
  weft_sha256_end(&s, digest);
  for (int i = 0; i < 16; i++)
    snprintf(b->key + 2 * i, 3, "%02x", digest[i]);
  return WEFT_OK;
}

/* ---- the build ----------------------------------------------------------- */
/* A stage from `begin` of the build on, `share` of it, expected_s long. */
typedef struct ticker { build *b; double begin, share, expected_s; } ticker;

/* Never back: each C file is a tool of its own in the last stage. */
static void tick(void *user, double seconds) {
  const ticker *t = user;
  const double part = t->begin + t->share * weft_progress_part(seconds, t->expected_s);
  t->b->part = part > t->b->part ? part : t->b->part;
  if (t->b->progress != NULL)
    t->b->progress(t->b->user, (uint64_t)(t->b->part * 1000), 1000, "building the simulator");
}

static weft_status write_packages(build *b) {
  for (int i = 0; i < N_PACKAGES; i++) {
    const char *path = weft_arena_printf(b->arena, "%s/%s.sv", b->work, package_names[i]);
    FILE *f = fopen(path, "w");
    if (f == NULL)
      return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", path), strerror(errno), "a writable cache", NULL);
    generate(b, f, i);
    if (fclose(f) != 0)
      return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", path), strerror(errno), "space in the cache", NULL);
  }
  return WEFT_OK;
}

static weft_status verilate(build *b, double expected_s) {
  const char *argv[N_VERILATOR_FLAGS + MAX_SOURCES + 20];
  size_t n = 0;
  argv[n++] = "verilator";
  for (size_t i = 0; i < N_VERILATOR_FLAGS; i++)
    argv[n++] = verilator_flags[i];
  if (b->trace)
    argv[n++] = "--trace-fst";
  if (b->config->micro != 0)
    argv[n++] = "-DWEFT_MICRO";
  argv[n++] = "--Mdir";
  argv[n++] = b->work;
  argv[n++] = "--top-module";
  argv[n++] = b->target->top;
  for (int i = 0; i < N_PACKAGES; i++)
    argv[n++] = weft_arena_printf(b->arena, "%s/%s.sv", b->work, package_names[i]);
  for (size_t i = 0; i < b->n_sources; i++)
    argv[n++] = b->sources[i];
  argv[n] = NULL;
  ticker t = {b, 0, 0.1, expected_s * 0.1};
  return weft_tool_run(b->arena, b->d, argv, NULL, b->log, tick, &t);
}

static weft_status compile_model(build *b, double expected_s) {
  const char *argv[16];
  size_t n = 0;
  argv[n++] = "make";
  argv[n++] = "-f";
  argv[n++] = "Vweft.mk";
  argv[n++] = "-j2";
  for (size_t i = 0; i < N_MAKE_FLAGS; i++)
    argv[n++] = b->make_flags[i];
  argv[n++] = "Vweft__ALL.a";
  argv[n++] = "verilated.o";
  argv[n++] = "verilated_threads.o";
  if (b->trace)
    argv[n++] = "verilated_fst_c.o";
  argv[n] = NULL;
  ticker t = {b, 0.1, 0.8, expected_s * 0.8};
  return weft_tool_run(b->arena, b->d, argv, b->work, b->log, tick, &t);
}

/* Verilator's include folder, from the makefile that it wrote. */
static weft_status verilator_root(build *b, const char **out) {
  weft_span mk;
  WEFT_TRY(weft_file_read(b->arena, b->d, weft_arena_printf(b->arena, "%s/Vweft.mk", b->work), 1 << 20, &mk));
  const char *text = weft_arena_printf(b->arena, "%.*s", (int)mk.size, (const char *)mk.data);
  const char *at = strstr(text, "\nVERILATOR_ROOT = ");
  if (at == NULL)
    return weft_fail(b->d, WEFT_E_TOOL, "verilator", "no VERILATOR_ROOT in Vweft.mk", "Verilator 5", NULL);
  at += strlen("\nVERILATOR_ROOT = ");
  *out = weft_arena_printf(b->arena, "%.*s", (int)strcspn(at, "\n"), at);
  return WEFT_OK;
}

static bool has_ending(const char *name, const char *ending) {
  size_t n = strlen(name), k = strlen(ending);
  return n >= k && strcmp(name + n - k, ending) == 0;
}

/* Each C file of the target to an object of its base name. */
static weft_status compile_c(build *b, const char *name, const char *object, double expected_s) {
  const char *argv[] = {
    "gcc", "-std=c11", "-O3", "-fPIC", "-c", "-o", object,
    weft_arena_printf(b->arena, "-I%s", b->root), weft_arena_printf(b->arena, "-I%s/src", b->root),
    weft_arena_printf(b->arena, "-I%s/configs", b->root),
    weft_arena_printf(b->arena, "%s/%s", b->root, name), NULL,
  };
  ticker t = {b, 0.9, 0.1, expected_s * 0.1};
  return weft_tool_run(b->arena, b->d, argv, b->work, b->log, tick, &t);
}

static weft_status link_library(build *b, double expected_s) {
  const char *vroot = NULL;
  WEFT_TRY(verilator_root(b, &vroot));
  weft_config const *c = b->config;
  const char *argv[64] = {
    "g++", "-std=gnu++17", "-O3", "-fPIC", "-shared", "-o", "sim.so.part",
    weft_arena_printf(b->arena, "-I%s", b->root), weft_arena_printf(b->arena, "-I%s/configs", b->root),
    weft_arena_printf(b->arena, "-isystem%s/include", vroot),
    weft_arena_printf(b->arena, "-isystem%s/include/vltstd", vroot),
    "-I.",
    weft_arena_printf(b->arena, "-DWEFT_ROWS=%d", (int)c->rows),
    weft_arena_printf(b->arena, "-DWEFT_COLS=%d", (int)c->cols),
    weft_arena_printf(b->arena, "-DWEFT_WORD_BYTES=%d", (int)c->word_bytes),
    weft_arena_printf(b->arena, "-DWEFT_SPM_ROWS=%d", (int)weft_spm_rows(c)),
    weft_arena_printf(b->arena, "-DWEFT_BEAT_BYTES=%d", (int)c->beat_bytes),
    b->trace ? "-DWEFT_TRACE=1" : "-DWEFT_TRACE=0",
  };
  size_t n = 0;
  while (argv[n] != NULL)
    n++;
  for (const char *const *f = b->target->files; *f != NULL && n < 48; f++) {
    const char *base = strrchr(*f, '/') + 1;
    if (has_ending(*f, ".cc"))
      argv[n++] = weft_arena_printf(b->arena, "%s/%s", b->root, *f);
    if (!has_ending(*f, ".c"))
      continue;
    argv[n] = weft_arena_printf(b->arena, "%.*s.o", (int)strlen(base) - 2, base);
    WEFT_TRY(compile_c(b, *f, argv[n++], expected_s));
  }
  argv[n++] = "Vweft__ALL.a";
  argv[n++] = "verilated.o";
  argv[n++] = "verilated_threads.o";
  if (b->trace)
    argv[n++] = "verilated_fst_c.o";
  argv[n++] = "-lpthread";
  argv[n++] = "-latomic";
  argv[n++] = "-lz";
  ticker t = {b, 0.9, 0.1, expected_s * 0.1};
  return weft_tool_run(b->arena, b->d, argv, b->work, b->log, tick, &t);
}

static void remove_tree(const char *dir) {
  DIR *folder = opendir(dir);
  for (struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    char path[PATH_MAX + 260];
    snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
    if (unlink(path) != 0 && errno == EISDIR)
      remove_tree(path);
  }
  if (folder != NULL)
    closedir(folder);
  rmdir(dir);
}

static const char *work_prefix(build *b) { return weft_arena_printf(b->arena, "work-%s.", b->key); }

/* Build folders of this key, ours and those that a kill left: the lock is ours.
 * A compiler may outlive its weft and write on while its folder is removed, so
 * this is done before a build and after it. */
static void remove_work_dirs(build *b) {
  const char *prefix = work_prefix(b);
  DIR *folder = opendir(b->cache);
  for (struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;)
    if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
      remove_tree(weft_arena_printf(b->arena, "%s/%s", b->cache, e->d_name));
  if (folder != NULL)
    closedir(folder);
}

/* A name of its own keeps such a compiler out of the new one. */
static weft_status fresh_work_dir(build *b) {
  remove_work_dirs(b);
  b->work = weft_arena_printf(b->arena, "%s/%s%ld", b->cache, work_prefix(b), (long)getpid());
  WEFT_TRY(make_dir(b, b->work));
  b->log = weft_arena_printf(b->arena, "%s/build-%s.log", b->cache, b->key);
  unlink(b->log);
  return WEFT_OK;
}

/* dlopen of a file that lost its end is a bus error: its size is kept beside it. */
static const char *size_path(const build *b) { return weft_arena_printf(b->arena, "%s.size", b->entry); }

static bool is_whole(build *b) {
  struct stat st;
  weft_span text = {NULL, 0};
  if (stat(b->entry, &st) != 0 ||
      weft_file_read(b->arena, NULL, size_path(b), 64, &text) != WEFT_OK)
    return false;
  const char *want = weft_arena_printf(b->arena, "%lld\n", (long long)st.st_size);
  return strlen(want) == text.size && memcmp(want, text.data, text.size) == 0;
}

static weft_status keep_library(build *b) {
  const char *part = weft_arena_printf(b->arena, "%s/sim.so.part", b->work);
  struct stat st;
  const int fd = open(part, O_RDONLY | O_CLOEXEC);
  const bool is_safe = fd >= 0 && fstat(fd, &st) == 0 && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  if (is_safe) {
    const char *size = weft_arena_printf(b->arena, "%lld\n", (long long)st.st_size);
    WEFT_TRY(weft_file_write(b->d, size_path(b), size, strlen(size)));
  }
  if (!is_safe || rename(part, b->entry) != 0)
    return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", b->entry), strerror(errno), "a writable cache", NULL);
  return WEFT_OK;
}

static weft_status build_entry(build *b) {
  double expected_s = 8.0 + 0.30 * b->config->rows * b->config->cols * (b->trace ? 1.6 : 1.0);
  WEFT_TRY(fresh_work_dir(b));
  WEFT_TRY(write_packages(b));
  const double begin_s = weft_seconds();
  WEFT_TRY(verilate(b, expected_s));
  const double verilated_s = weft_seconds() - begin_s;
  if (verilated_s > 0.1 * expected_s)   /* a slow or busy computer */
    expected_s = 10 * verilated_s;
  WEFT_TRY(compile_model(b, expected_s));
  WEFT_TRY(link_library(b, expected_s));
  WEFT_TRY(keep_library(b));
  if (b->progress != NULL)
    b->progress(b->user, 1000, 1000, "building the simulator");
  return WEFT_OK;
}

static weft_status take_lock(build *b, int *fd) {
  const char *path = weft_arena_printf(b->arena, "%s/lock-%s", b->cache, b->key);
  *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (*fd < 0)
    return weft_fail(b->d, WEFT_E_WRITE, weft_diag_text(b->d, "%s", path), strerror(errno), "a writable cache",
                     "set XDG_CACHE_HOME to a writable folder");
  const struct timespec pause = {0, 100 * 1000 * 1000};
  for (uint64_t tenths = 1; flock(*fd, LOCK_EX | LOCK_NB) != 0; tenths++) {
    if (b->progress != NULL)
      b->progress(b->user, tenths, 0, "waiting for another weft that builds this simulator");
    if (weft_interrupted()) {
      close(*fd);
      return WEFT_E_INTERRUPTED;
    }
    nanosleep(&pause, NULL);
  }
  return WEFT_OK;
}

static weft_status name_entry(build *b, const char *const *make_flags) {
  b->make_flags = make_flags;
  WEFT_TRY(make_key(b));
  b->entry = weft_arena_printf(b->arena, "%s/sim-%s.so", b->cache, b->key);
  return WEFT_OK;
}

static weft_status ensure_entry(build *b, bool *was_built) {
  *was_built = false;
  if (is_whole(b))
    return WEFT_OK;
  int fd;
  WEFT_TRY(take_lock(b, &fd));
  weft_status s = WEFT_OK;
  if (!is_whole(b)) {
    s = build_entry(b);
    *was_built = s == WEFT_OK;
    remove_work_dirs(b);
  }
  close(fd);
  return s;
}

/* The entry function's answer: the interface of the library. */
static weft_status load(build *b, weft_sim_handle *out) {
  out->path = b->entry;
  out->handle = dlopen(b->entry, RTLD_NOW | RTLD_LOCAL);
  if (out->handle == NULL)
    return weft_fail(b->d, WEFT_E_TOOL, weft_diag_text(b->d, "%s", b->entry), weft_diag_text(b->d, "%s", dlerror()),
                     "a loadable simulator", "remove the file; it will be built again");
  const void *(*entry)(void);
  *(void **)&entry = dlsym(out->handle, b->target->symbol);
  out->api = entry != NULL ? entry() : NULL;
  return WEFT_OK;
}

static weft_status find_entry(build *b) {
  b->root = weft_sim_root(b->arena);
  if (b->root == NULL)
    return weft_fail(b->d, WEFT_E_READ, "rtl/" TOP ".sv", "not found beside the executable", "the folders rtl/ and sim/",
                     "set WEFT_ROOT to the folder that holds them");
  WEFT_TRY(find_cache(b));
  return name_entry(b, fast_flags);
}

weft_status weft_sim_target_open(weft_arena *arena, weft_diag *d, const weft_config *c, bool trace,
                                 const weft_sim_target *target, weft_sim_progress progress, void *user,
                                 weft_sim_handle *out) {
  build b = {.arena = arena, .d = d, .config = c, .trace = trace, .target = target, .progress = progress, .user = user};
  memset(out, 0, sizeof *out);
  WEFT_TRY(find_entry(&b));
  WEFT_TRY(ensure_entry(&b, &out->was_built));
  return load(&b, out);
}

weft_status weft_sim_bad_version(weft_diag *d, const char *path) {
  return weft_fail(d, WEFT_E_TOOL, weft_diag_text(d, "%s", path), "no interface of this version",
                   "a simulator of this weft", "remove the file; it will be built again");
}

weft_status weft_sim_library_open(weft_arena *arena, weft_diag *d, const weft_config *c, bool trace,
                                  weft_sim_progress progress, void *user, weft_sim_library *out) {
  weft_sim_handle h;
  memset(out, 0, sizeof *out);
  WEFT_TRY(weft_sim_target_open(arena, d, c, trace, &machine, progress, user, &h));
  *out = (weft_sim_library){h.handle, h.api, h.path, h.was_built};
  return out->api != NULL && out->api->abi == RTL_SIM_ABI ? WEFT_OK : weft_sim_bad_version(d, h.path);
}

weft_status weft_sim_library_quick(weft_arena *arena, weft_diag *d, const weft_config *c,
                                   weft_sim_progress progress, void *user, weft_sim_library *out) {
  build b = {.arena = arena, .d = d, .config = c, .target = &machine, .progress = progress, .user = user};
  weft_sim_handle h = {0};
  memset(out, 0, sizeof *out);
  WEFT_TRY(find_entry(&b));
  if (!is_whole(&b)) {
    WEFT_TRY(name_entry(&b, quick_flags));
    WEFT_TRY(ensure_entry(&b, &h.was_built));
  }
  WEFT_TRY(load(&b, &h));
  *out = (weft_sim_library){h.handle, h.api, h.path, h.was_built};
  return out->api != NULL && out->api->abi == RTL_SIM_ABI ? WEFT_OK : weft_sim_bad_version(d, h.path);
}

void weft_sim_library_close(weft_sim_library *l) {
  if (l != NULL && l->handle != NULL)
    dlclose(l->handle);
  if (l != NULL)
    memset(l, 0, sizeof *l);
}
