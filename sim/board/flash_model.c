/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/board/flash_model.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum step { COMMAND, ADDRESS, MODE, DUMMY, DATA, IDENTITY, IGNORED } step;

struct flash_model {
  flash_chip chip;
  const uint8_t *data;
  uint32_t flight, dead_lines;
  bool is_mute;
  uint64_t noise;
  flash_pins pins;
  bool asleep, continuous;
  uint64_t usable_at;           /* power up, wake up                           */
  uint64_t raised_at, rose_at;  /* CS high, last SCK rise                      */
  bool was_read, has_risen;
  step step;
  uint32_t clocks, shift;       /* within the step                             */
  uint32_t command, address, nibble;
  uint32_t drives;              /* lines that the chip drives                  */
  uint32_t now_io, old_io;      /* what it drives, and did before `changed_at` */
  uint64_t changed_at;
  const char *rule;
  char error[200];
};

static const flash_chip chips[] = {
#define FLASH(...) {__VA_ARGS__},
#include "sim/board/flash_chips.def"
};

const flash_chip *flash_chip_find(const char *name) {
  for (size_t i = 0; i < sizeof chips / sizeof *chips; i++)
    if (strcmp(chips[i].name, name) == 0)
      return &chips[i];
  return NULL;
}

flash_model *flash_open(const flash_chip *chip, const uint8_t *data, flash_begin begin,
                        uint32_t flight_ps, uint64_t seed) {
  flash_model *m = calloc(1, sizeof *m);
  if (m == NULL)
    return NULL;
  m->chip = *chip;
  m->data = data;
  m->flight = flight_ps;
  m->noise = seed;
  m->pins.cs_n = true;
  m->asleep = begin == FLASH_ASLEEP;
  m->continuous = begin == FLASH_CONTINUOUS;
  return m;
}

void flash_close(flash_model *m) { free(m); }
const char *flash_error(const flash_model *m) { return m->rule != NULL ? m->error : NULL; }
const char *flash_error_rule(const flash_model *m) { return m->rule; }

void flash_set_faults(flash_model *m, uint32_t dead_lines, bool is_mute) {
  m->dead_lines = dead_lines;
  m->is_mute = is_mute;
}

static void broken(flash_model *m, const char *rule, const char *form, ...) {
  if (m->rule != NULL)
    return;
  va_list args;
  va_start(args, form);
  const int n = snprintf(m->error, sizeof m->error, "%s: %s: ", m->chip.name, rule);
  vsnprintf(m->error + n, sizeof m->error - (size_t)n, form, args);
  va_end(args);
  m->rule = rule;
}

static void enter(flash_model *m, step s) {
  m->step = s;
  m->clocks = 0;
  m->shift = 0;
}

/* ---- chip select ------------------------------------------------------------- */
static void select_chip(flash_model *m, uint64_t at) {
  const uint32_t least = m->was_read && m->continuous ? m->chip.shsl_read : m->chip.shsl;
  if (m->raised_at != 0 && at - m->raised_at < least)
    broken(m, "tSHSL", "allowed from %" PRIu32 " ps on, found %" PRIu64, least, at - m->raised_at);
  enter(m, m->continuous ? ADDRESS : COMMAND);
  m->was_read = m->continuous;
  m->has_risen = false;
}

static void deselect_chip(flash_model *m, uint64_t at) {
  const bool is_whole = (m->step == COMMAND && m->clocks == 0) || m->step == DUMMY || m->step == DATA ||
                        m->step == IDENTITY || m->step == IGNORED;
  if (!is_whole)
    broken(m, "aborted", "CS rose after %" PRIu32 " clocks of %s", m->clocks,
           m->step == COMMAND ? "a command" : m->step == ADDRESS ? "an address" : "the mode bits");
  if (m->command == 0xab && m->asleep) {
    m->asleep = m->is_mute;
    m->usable_at = at + m->chip.res1;
  }
  m->command = 0;
  m->raised_at = at;
  m->drives = 0;
}

/* ---- clocks --------------------------------------------------------------------- */
static void decode(flash_model *m, uint64_t at) {
  m->command = m->shift & 0xffu;
  if (m->asleep && m->command != 0xab && m->command != 0xff) {
    broken(m, "power-down", "command %02" PRIx32 ", allowed: ABh", m->command);
    return;
  }
  if (at < m->usable_at)
    broken(m, "tRES1", "command %02" PRIx32 " %" PRIu64 " ps early, allowed %" PRIu32 " after ABh", m->command,
           m->usable_at - at, m->chip.res1);
  switch (m->command) {
  case 0xab: case 0xff: enter(m, IGNORED); break;
  case 0x9f: enter(m, IDENTITY); break;
  case 0xeb: enter(m, ADDRESS); m->was_read = true; break;
  default: broken(m, "command", "%02" PRIx32 ", allowed ABh, 9Fh, EBh, FFh", m->command);
  }
}

/* A quad clock of address or mode. */
static void take_nibble(flash_model *m, const flash_pins *p) {
  if (p->oe != 0xf)
    broken(m, "address", "lines %" PRIx32 " of 4 driven", p->oe);
  m->shift = m->shift << 4 | (p->io & 0xfu);
  m->clocks++;
  if (m->step == ADDRESS && m->clocks == 6) {
    m->address = m->shift & (m->chip.bytes - 1);
    enter(m, MODE);
  } else if (m->step == MODE && m->clocks == 2) {
    m->continuous = (m->shift >> 4 & 3u) == 2;
    m->nibble = 0;
    enter(m, DUMMY);
  }
}

static void sck_rises(flash_model *m, uint64_t at, const flash_pins *p) {
  if (m->has_risen && at - m->rose_at < m->chip.tck)
    broken(m, "tCK", "allowed from %" PRIu32 " ps on, found %" PRIu64, m->chip.tck, at - m->rose_at);
  if (at < m->chip.vsl)
    broken(m, "tVSL", "a clock after %" PRIu64 " ps, allowed from %" PRIu32 " on", at, m->chip.vsl);
  m->has_risen = true;
  m->rose_at = at;
  if (m->step == COMMAND) {
    m->shift = m->shift << 1 | (p->io & 1u);
    if (++m->clocks == 8)
      decode(m, at);
  } else if (m->step == ADDRESS || m->step == MODE) {
    take_nibble(m, p);
  } else if (m->step == DUMMY && ++m->clocks == 4) {
    enter(m, DATA);
  }
}

static void drive(flash_model *m, uint64_t at, uint32_t lines, uint32_t io, const flash_pins *p) {
  if ((p->oe & lines) != 0)
    broken(m, "contention", "FPGA and flash both drive lines %" PRIx32, p->oe & lines);
  m->old_io = m->now_io;
  m->now_io = io;
  m->changed_at = at;
  m->drives = lines;
}

static void sck_falls(flash_model *m, uint64_t at, const flash_pins *p) {
  if (m->step == DATA) {
    const uint8_t byte = m->data[(m->address + m->nibble / 2) & (m->chip.bytes - 1)];
    drive(m, at, 0xf, m->nibble++ % 2 == 0 ? byte >> 4 : byte & 0xfu, p);
  } else if (m->step == IDENTITY) {
    const uint32_t bit = m->chip.id >> (23 - m->clocks++ % 24) & 1u;
    drive(m, at, 0x2, bit << 1, p);
  }
}

bool flash_pins_at(flash_model *m, uint64_t at, const flash_pins *p) {
  const flash_pins before = m->pins;
  m->pins = *p;
  if (before.cs_n != p->cs_n && p->sck)
    broken(m, "chip select", "CS changes while SCK is high");
  if (before.cs_n && !p->cs_n)
    select_chip(m, at);
  else if (!before.cs_n && p->cs_n)
    deselect_chip(m, at);
  if (!p->cs_n && !before.sck && p->sck)
    sck_rises(m, at, p);
  else if (!p->cs_n && before.sck && !p->sck)
    sck_falls(m, at, p);
  if (!p->cs_n && (p->oe & m->drives) != 0)
    broken(m, "contention", "FPGA and flash both drive lines %" PRIx32, p->oe & m->drives);
  return m->rule == NULL;
}

uint32_t flash_io(flash_model *m, uint64_t at) {
  m->noise = m->noise * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  const uint32_t garbage = (uint32_t)(m->noise >> 32) & 0xfu;
  uint32_t io = garbage;
  if (at >= m->changed_at + m->chip.clqv + m->flight)
    io = m->now_io;
  else if (at < m->changed_at + m->chip.clqx + m->flight)
    io = m->old_io;
  io = m->is_mute ? 0xfu : (io & m->drives) | (garbage & ~m->drives);
  return io & ~m->dead_lines;
}
