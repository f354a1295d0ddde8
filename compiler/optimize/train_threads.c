/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>

#include "compiler/optimize/train_engine.h"

void openblas_set_num_threads(int n);

struct train_pool {
  pthread_mutex_t lock;
  pthread_cond_t start, done;
  uint64_t round;               /* counts calls of train_pool_run            */
  bool quit;
  int threads, n_started, n_working;
  pthread_t *thread;
  size_t n;
  atomic_size_t next;
  train_task task;
  void *user;
};

typedef struct worker { train_pool *pool; int index; } worker;

static void work(train_pool *p, int index) {
  for (size_t i = atomic_fetch_add(&p->next, 1); i < p->n; i = atomic_fetch_add(&p->next, 1))
    p->task(p->user, i, index);
}

static void *worker_main(void *arg) {
  train_pool *p = ((worker *)arg)->pool;
  const int index = ((worker *)arg)->index;
  uint64_t seen = 0;
  pthread_mutex_lock(&p->lock);
  for (;;) {
    while (!p->quit && p->round == seen)
      pthread_cond_wait(&p->start, &p->lock);
    if (p->quit)
      break;
    seen = p->round;
    pthread_mutex_unlock(&p->lock);
    work(p, index);
    pthread_mutex_lock(&p->lock);
    if (--p->n_working == 0)
      pthread_cond_signal(&p->done);
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

train_pool *train_pool_new(weft_arena *arena, int threads) {
  train_pool *p = WEFT_NEW(arena, train_pool, 1);
  openblas_set_num_threads(1);  /* each of our threads calls it on its own   */
  p->threads = threads < 1 ? 1 : threads;
  p->thread = WEFT_NEW(arena, pthread_t, p->threads);
  worker *w = WEFT_NEW(arena, worker, p->threads);
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->start, NULL);
  pthread_cond_init(&p->done, NULL);
  for (int i = 1; i < p->threads; i++) {
    w[i] = (worker){p, i};
    if (pthread_create(&p->thread[i], NULL, worker_main, &w[i]) != 0)
      break;
    p->n_started = i;
  }
  return p;
}

void train_pool_free(train_pool *p) {
  pthread_mutex_lock(&p->lock);
  p->quit = true;
  pthread_cond_broadcast(&p->start);
  pthread_mutex_unlock(&p->lock);
  for (int i = 1; i <= p->n_started; i++)
    pthread_join(p->thread[i], NULL);
  pthread_cond_destroy(&p->start);
  pthread_cond_destroy(&p->done);
  pthread_mutex_destroy(&p->lock);
}

void train_pool_run(train_pool *p, size_t n, train_task task, void *user) {
  p->n = n;
  p->task = task;
  p->user = user;
  atomic_store(&p->next, 0);
  if (p->n_started == 0 || n == 1) {
    work(p, 0);
    return;
  }
  pthread_mutex_lock(&p->lock);
  p->n_working = p->n_started;
  p->round++;
  pthread_cond_broadcast(&p->start);
  pthread_mutex_unlock(&p->lock);
  work(p, 0);
  pthread_mutex_lock(&p->lock);
  while (p->n_working > 0)
    pthread_cond_wait(&p->done, &p->lock);
  pthread_mutex_unlock(&p->lock);
}

void train_sum(float *out, float *const *in, size_t n, size_t from, size_t to) {
  float *restrict o = out;
  for (size_t i = from; i < to; i++)
    o[i] = in[0][i];
  for (size_t c = 1; c < n; c++) {
    const float *restrict g = in[c];
    for (size_t i = from; i < to; i++)
      o[i] += g[i];
  }
}
