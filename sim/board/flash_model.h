/* SPDX-License-Identifier: Apache-2.0 */
/* A serial flash at its pins: ABh, 9Fh and EBh with continuous mode, over the
 * caller's bytes. Stops at the first broken rule and says which, what it allows
 * and what it found. Depends on nothing; readable by C++.
 *
 * A simulator tells each change of the pins with its time, and asks what the FPGA
 * sees at the time at which it looks. With SCK made of the clock by a DDR output
 * (period T), in cycle n after the rising edge and evaluation:
 *     sck = 0:   flash_pins_at(m, n * T, &pins);
 *     sck = en:  flash_pins_at(m, n * T + T / 2, &pins);
 *     io_i = flash_io(m, (n + 1) * T);                   next rising edge */
#ifndef WEFT_SIM_BOARD_FLASH_MODEL_H
#define WEFT_SIM_BOARD_FLASH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct flash_chip {     /* a row of flash_chips.def                   */
  const char *name;
  uint32_t bytes, id, tck, clqv, clqx, shsl_read, shsl, res1, vsl;
  const char *source;
} flash_chip;

typedef struct flash_pins {     /* as the FPGA drives them                    */
  bool cs_n, sck;
  uint32_t io, oe;              /* 4 bits each                                */
} flash_pins;

typedef enum flash_begin {      /* how the FPGA finds it                      */
  FLASH_ASLEEP,                 /* after a bitstream without icepack -s       */
  FLASH_AWAKE,
  FLASH_CONTINUOUS              /* a design before this one was stopped       */
} flash_begin;

typedef struct flash_model flash_model;

const flash_chip *flash_chip_find(const char *name);   /* or NULL             */
/* data: chip->bytes, the caller's, outlives m; *chip is copied. flight_ps: to the
 * chip and back. NULL without memory. */
flash_model *flash_open(const flash_chip *chip, const uint8_t *data, flash_begin begin,
                        uint32_t flight_ps, uint64_t seed);
void flash_close(flash_model *m);
/* Lines that stay 0; a chip that never answers. */
void flash_set_faults(flash_model *m, uint32_t dead_lines, bool is_mute);

/* Times must not go back. False from the first broken rule on. */
bool flash_pins_at(flash_model *m, uint64_t at_ps, const flash_pins *pins);
uint32_t flash_io(flash_model *m, uint64_t at_ps);
const char *flash_error(const flash_model *m);         /* or NULL             */
const char *flash_error_rule(const flash_model *m);

#ifdef __cplusplus
}
#endif

#endif
