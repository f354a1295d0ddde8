/* SPDX-License-Identifier: Apache-2.0 */
#include "build/family.h"

#include <stdio.h>
#include <string.h>

static const char *mhz(weft_arena *a, const weft_board *b) {
  return weft_arena_printf(a, "%.6f", (double)b->target_hz / 1e6);
}

static const char *number(weft_arena *a, int v) { return weft_arena_printf(a, "%d", v); }

/* ---- ECP5 ----------------------------------------------------------------- */
/* "LFE5U-85F" -> "--85k". */
static const char *ecp5_size(weft_arena *a, const weft_board *b) {
  const char *dash = strrchr(b->device, '-');
  const size_t n = dash ? strspn(dash + 1, "0123456789") : 0;
  const char *um = strncmp(b->device, "LFE5UM5G", 8) == 0  ? "um5g-"
                   : strncmp(b->device, "LFE5UM", 6) == 0 ? "um-" : "";
  return weft_arena_printf(a, "--%s%.*sk", um, (int)n, dash ? dash + 1 : "");
}

static size_t ecp5_place(weft_arena *a, const weft_board *b, const family_files *f, int seed,
                         const char **argv) {
  const char *args[] = {
    ecp5_size(a, b), "--package", b->package, "--speed", b->speed, "--json", f->netlist,
    "--lpf", f->pins, "--freq", mhz(a, b), "--seed", number(a, seed), "--timing-allow-fail",
    "--report", f->report, "--textcfg", f->placed};
  memcpy(argv, args, sizeof args);
  return sizeof args / sizeof *args;
}

static size_t ecp5_pack(weft_arena *a, const weft_board *b, const family_files *f,
                        const char **argv) {
  const char *args[] = {"--compress", "--freq", "38.8", "--idcode",
                        weft_arena_printf(a, "0x%08llx", (unsigned long long)b->idcode),
                        f->placed, f->bitstream};
  const size_t skip = b->idcode == 0 ? 2 : 0;   /* --idcode and its value */
  memcpy(argv, args, 3 * sizeof *args);
  memcpy(argv + 3, args + 3 + skip, (4 - skip) * sizeof *args);
  return 7 - skip;
}

/* ---- iCE40 ---------------------------------------------------------------- */
static size_t ice40_place(weft_arena *a, const weft_board *b, const family_files *f, int seed,
                          const char **argv) {
  const char *args[] = {
    weft_arena_printf(a, "--%s", b->device), "--package", b->package, "--json", f->netlist,
    "--pcf", f->pins, "--freq", mhz(a, b), "--seed", number(a, seed), "--timing-allow-fail",
    "--report", f->report, "--asc", f->placed};
  memcpy(argv, args, sizeof args);
  return sizeof args / sizeof *args;
}

static size_t ice40_pack(weft_arena *a, const weft_board *b, const family_files *f,
                         const char **argv) {
  (void)a;
  (void)b;
  const char *args[] = {"-s", f->placed, f->bitstream};   /* -s: the flash stays awake */
  memcpy(argv, args, sizeof args);
  return sizeof args / sizeof *args;
}

/* ---- Gowin ---------------------------------------------------------------- */
/* "GW2AR-LV18QN88C8/I7" -> "GW2A-18C". */
static const char *gowin_family(const weft_board *b) {
  return strncmp(b->device, "GW2AR-LV18", 10) == 0 || strncmp(b->device, "GW2A-LV18", 9) == 0
           ? "GW2A-18C" : strncmp(b->device, "GW1NR-LV9", 9) == 0 ? "GW1N-9C" : b->device;
}

static size_t gowin_place(weft_arena *a, const weft_board *b, const family_files *f, int seed,
                          const char **argv) {
  const char *args[] = {
    "--device", b->device, "--vopt", weft_arena_printf(a, "family=%s", gowin_family(b)),
    "--vopt", weft_arena_printf(a, "cst=%s", f->pins), "--json", f->netlist, "--freq", mhz(a, b),
    "--seed", number(a, seed), "--timing-allow-fail", "--report", f->report, "--write", f->placed};
  memcpy(argv, args, sizeof args);
  return sizeof args / sizeof *args;
}

static size_t gowin_pack(weft_arena *a, const weft_board *b, const family_files *f,
                         const char **argv) {
  (void)a;
  const char *args[] = {"-d", gowin_family(b), "-o", f->bitstream, f->placed};
  memcpy(argv, args, sizeof args);
  return sizeof args / sizeof *args;
}

/* Never -dsp on iCE40: it miscompiles registered products. $scopeinfo stops
 * older nextpnr-ice40. */
static const family families[] = {
  {.name = "ecp5", .define = "WEFT_ECP5",
   .devices = "LFE5U-12F LFE5U-25F LFE5U-45F LFE5U-85F LFE5UM-25F LFE5UM-45F LFE5UM-85F LFE5UM5G-25F LFE5UM5G-45F LFE5UM5G-85F",
   .synth = "synth_lattice -family ecp5 -abc9 -nowidelut -no-rw-check -top top\n",
   .place = WEFT_EDA_NEXTPNR_ECP5, .pack = WEFT_EDA_ECPPACK, .placed_ports = "",
   .cells = {"TRELLIS_COMB"}, .dsp = {"MULT18X18D"}, .counts_dsp = true, .bram = {"DP16KD"},
   .placed_ending = "config", .bitstream_ending = "bit",
   .place_args = ecp5_place, .pack_args = ecp5_pack},
  {.name = "ice40", .define = "WEFT_ICE40 -D WEFT_FAMILY_MUL", .devices = "up5k",
   .synth = "setattr -unset ram_style a:ram_style=distributed\n"   /* it has none */
            "synth_ice40 -device u -abc9 -no-rw-check -top top\ndelete */t:$scopeinfo\n",
   .place = WEFT_EDA_NEXTPNR_ICE40, .pack = WEFT_EDA_ICEPACK, .placed_ports = "",
   .cells = {"ICESTORM_LC"}, .dsp = {"ICESTORM_DSP"}, .counts_dsp = true, .bram = {"ICESTORM_RAM"},
   .placed_ending = "asc", .bitstream_ending = "bin",
   .place_args = ice40_place, .pack_args = ice40_pack},
  {.name = "gowin", .define = "WEFT_GOWIN -D WEFT_FAMILY_MUL -D WEFT_FF_LUT", .devices = "GW2AR-LV18 GW2A-LV18",
   /* LUTs run out before the clock does; a short chain costs its LUTs and up to three cells */
   .synth = "scratchpad -copy abc9.script.default.area abc9.script\n"
            "synth_gowin -family gw2a -nowidelut -nodsp -no-rw-check -top top -run begin:map_gates\n"
            "techmap t:$alu r:Y_WIDTH<6 %i\n"
            "synth_gowin -family gw2a -nowidelut -nodsp -no-rw-check -top top -run map_gates:\n",
   .place = WEFT_EDA_NEXTPNR_GOWIN, .pack = WEFT_EDA_GOWIN_PACK,
   .placed_ports = "O_sdram_ IO_sdram_",
   /* places of LUTs: a LUT RAM has four among the LUT4s and keeps four others empty */
   .cells = {"LUT4", "ALU", "RAM16SDP4", "RAM16SDP4", "RAM16SDP4", "RAM16SDP4"},
   .dsp = {"MULT9X9", "MULT18X18", "MULT18X18"}, .bram = {"BSRAM"},
   .placed_ending = "json", .bitstream_ending = "fs", .surrogate_percent = 30,
   .place_args = gowin_place, .pack_args = gowin_pack},
};

const family *family_find(const char *name) {
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    if (strcmp(families[i].name, name) == 0)
      return &families[i];
  return NULL;
}

bool family_has_device(const family *f, const char *device) {
  for (const char *at = f->devices; *at != '\0'; at += strspn(at, " ")) {
    const size_t n = strcspn(at, " ");
    if (strncmp(device, at, n) == 0)
      return true;
    at += n;
  }
  return false;
}

static const struct { const char *begin; cell_kind kind; int size; } kinds[] = {
  {"LUT", CELL_LUT, 1}, {"SB_LUT4", CELL_LUT, 1}, {"MUX2_LUT", CELL_OTHER, 0},
  {"CCU2C", CELL_CARRY, 2}, {"SB_CARRY", CELL_CARRY, 0}, {"ALU", CELL_CARRY, 1},
  {"TRELLIS_DPR16X4", CELL_LUTRAM, 4}, {"RAM16SDP", CELL_LUTRAM, 8},
  {"TRELLIS_FF", CELL_FF, 0}, {"SB_DFF", CELL_FF, 0}, {"DFF", CELL_FF, 0},
  {"MULT", CELL_DSP, 0}, {"SB_MAC16", CELL_DSP, 0},
  {"DP16KD", CELL_RAM, 0}, {"SB_RAM40", CELL_RAM, 0}, {"SB_SPRAM", CELL_OTHER, 0},
  {"SDP", CELL_RAM, 0}, {"SPX9", CELL_RAM, 0}, {"DPB", CELL_RAM, 0}, {"DPX9", CELL_RAM, 0}, {"pROM", CELL_RAM, 0},
};

static size_t row_of(const char *type) {
  size_t i = 0;
  while (i < sizeof kinds / sizeof *kinds &&
         strncmp(type, kinds[i].begin, strlen(kinds[i].begin)) != 0)
    i++;
  return i;
}

cell_kind family_cell_kind(const char *type) {
  const size_t i = row_of(type);
  return i < sizeof kinds / sizeof *kinds ? kinds[i].kind : CELL_OTHER;
}

int family_cell_size(const char *type) {
  const size_t i = row_of(type);
  return i < sizeof kinds / sizeof *kinds ? kinds[i].size : 0;
}
