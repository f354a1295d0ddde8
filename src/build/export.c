/* SPDX-License-Identifier: Apache-2.0 */
#include "build/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build/build_int.h"

#define SOURCE_CAP_BYTES ((size_t)4 << 20)
#define NOT_RUN "# Written by weft build --export. weft has NOT run it: no such tool was at hand.\n"

static weft_status put(build *b, const char *name, const char *text) {
  return weft_file_write(b->d, build_path(b, name), text, strlen(text));
}

/* Packaged sources carry no options: the defines are in the files. */
static weft_status copy_source(build *b, const char *path, const char **list) {
  weft_span text = {NULL, 0};
  const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
  const char *to = weft_arena_printf(b->arena, "rtl/%s", name);
  const char *vendor = b->o->board->family;
  const char *defines =
    weft_arena_printf(b->arena, "`define WEFT_VENDOR\n%s%s",
                      strcmp(vendor, "intel") == 0 ? "" : "`define WEFT_FAMILY_MUL\n",
                      strcmp(vendor, "xilinx") == 0 ? "`define WEFT_MUL_PAIR\n" : "");
  if (strcmp(name, "weft_board_cells.sv") == 0)
    return WEFT_OK;   /* black boxes for slang */
  if (b->o->config->micro != 0)
    defines = weft_arena_printf(b->arena, "%s`define WEFT_MICRO\n", defines);
  WEFT_TRY(weft_file_read(b->arena, b->d, path, SOURCE_CAP_BYTES, &text));
  if (!strstr(*list, to))
    *list = weft_arena_printf(b->arena, "%s %s", *list, to);
  return put(b, to, weft_arena_printf(b->arena, "%s%.*s", defines, (int)text.size,
                                      (const char *)text.data));
}

static weft_status copy_all(build *b, const char **list, const char **pins) {
  weft_span text = {NULL, 0};
  *list = "";
  WEFT_TRY(copy_source(b, b->board_package, list));
  for (size_t i = 0; i < b->n_sources; i++)
    WEFT_TRY(copy_source(b, b->sources[i].path, list));
  *list += 1;
  const char *ending = strrchr(b->o->board->pins, '.');
  *pins = weft_arena_printf(b->arena, "pins%s", ending ? ending : "");
  WEFT_TRY(weft_file_read(b->arena, b->d, b->pins_path, SOURCE_CAP_BYTES, &text));
  return weft_file_write(b->d, build_path(b, *pins), text.data, text.size);
}

static double period_ns(int64_t hz) { return 1e9 / (double)hz; }

static weft_status gowin(build *b, const char *list, const char *pins) {
  const weft_board *board = b->o->board;
  const char *dash = strchr(board->device, '-');
  const char *series = dash ? weft_arena_printf(b->arena, "%.*s-18C", (int)(dash - board->device),
                                                board->device) : board->device;
  WEFT_TRY(put(b, "clock.sdc",
               weft_arena_printf(b->arena, NOT_RUN "create_clock -name clk_in -period %.3f "
                                 "[get_ports {clk_%lldmhz}]\n", period_ns(board->clock_hz),
                                 (long long)(board->clock_hz / 1000000))));
  return put(b, "run.tcl", weft_arena_printf(b->arena,
    NOT_RUN "# gw_sh run.tcl -> impl/pnr/weft.fs\n"
    "set_device -name %s %s\n"
    "foreach f {%s} {\n  add_file $f\n}\n"
    "add_file %s\nadd_file clock.sdc\n"
    "set_option -top_module top\nset_option -verilog_std sysv2017\n"
    "set_option -output_base_name weft\nset_option -use_mspi_as_gpio 1\n"
    "set_option -use_sspi_as_gpio 1\nset_option -rw_check_on_ram 1\nrun all\n",
    series, board->device, list, pins));
}

static const char *xilinx_part(build *b) {
  const weft_board *board = b->o->board;
  return weft_arena_printf(b->arena, "%s%s%s%s", board->device,
                           strncmp(board->device, "xck", 3) == 0 ? "-" : "", board->package,
                           board->speed);
}

static weft_status vivado(build *b, const char *list, const char *pins) {
  return put(b, "build.tcl", weft_arena_printf(b->arena,
    NOT_RUN "# vivado -mode batch -source build.tcl\n"
    "set part %s\ncreate_project -in_memory -part $part\n"
    "read_verilog -sv {%s}\nread_xdc %s\n"
    "synth_design -top top -part $part\nopt_design\nplace_design\nphys_opt_design\nroute_design\n"
    "report_timing_summary -file timing.rpt\nreport_utilization -hierarchical -file utilization.rpt\n"
    "write_checkpoint -force weft.dcp\n"
    "set slack [get_property SLACK [get_timing_paths -max_paths 1]]\n"
    "if {$slack ne \"\" && $slack < 0} {\n  puts stderr \"timing is not met: $slack ns\"\n  exit 7\n}\n"
    "write_bitstream -force -bin_file weft.bit\n",
    xilinx_part(b), list, pins));
}

static weft_status package_ip(build *b, const char *list) {
  return put(b, "package_ip.tcl", weft_arena_printf(b->arena,
    NOT_RUN "# vivado -mode batch -source package_ip.tcl -> ip/\n"
    "create_project -force weft_ip ./project_ip -part %s\n"
    "add_files {%s}\nset_property top weft_axi [current_fileset]\n"
    "update_compile_order -fileset sources_1\n"
    "ipx::package_project -root_dir ./ip -vendor weft -library user -taxonomy /UserIP "
    "-import_files -force\n"
    "set core [ipx::current_core]\nset_property name weft_axi $core\nset_property version 1.0 $core\n"
    "ipx::associate_bus_interfaces -busif s_axi -clock clk $core\n"
    "ipx::associate_bus_interfaces -busif m_axi -clock clk $core\n"
    "set clock [ipx::get_bus_interfaces clk -of_objects $core]\n"
    "set reset [ipx::get_bus_interfaces rst_n -of_objects $core]\n"
    "if {[ipx::get_bus_parameters ASSOCIATED_RESET -of_objects $clock] eq \"\"} {\n"
    "  ipx::add_bus_parameter ASSOCIATED_RESET $clock\n}\n"
    "set_property value rst_n [ipx::get_bus_parameters ASSOCIATED_RESET -of_objects $clock]\n"
    "if {[ipx::get_bus_parameters POLARITY -of_objects $reset] eq \"\"} {\n"
    "  ipx::add_bus_parameter POLARITY $reset\n}\n"
    "set_property value ACTIVE_LOW [ipx::get_bus_parameters POLARITY -of_objects $reset]\n"
    "foreach map [ipx::get_memory_maps -of_objects $core] {\n"
    "  foreach block [ipx::get_address_blocks -of_objects $map] {\n"
    "    set_property range 4096 $block\n  }\n}\n"
    "ipx::create_xgui_files $core\nipx::update_checksums $core\nipx::check_integrity $core\n"
    "ipx::save_core $core\n",
    xilinx_part(b), list));
}

/* The processor system of a part: its IP and the settings that the design needs. */
typedef struct processor {
  const char *begin, *ip, *gp, *hp, *irq, *settings, *base;
} processor;
static const processor processors[] = {
  {"xc7z", "processing_system7", "M_AXI_GP0", "S_AXI_HP0", "IRQ_F2P",
   "CONFIG.PCW_USE_S_AXI_HP0 1 CONFIG.PCW_USE_FABRIC_INTERRUPT 1 CONFIG.PCW_IRQ_F2P_INTR 1 "
   "CONFIG.PCW_FPGA0_PERIPHERAL_FREQMHZ", "0x40000000"},
  {"xck", "zynq_ultra_ps_e", "M_AXI_HPM0_FPD", "S_AXI_HP0_FPD", "pl_ps_irq0",
   "CONFIG.PSU__USE__S_AXI_GP2 1 CONFIG.PSU__USE__IRQ0 1 "
   "CONFIG.PSU__CRL_APB__PL0_REF_CTRL__FREQMHZ", "0xA0000000"},
};

static weft_status block_design(build *b) {
  const weft_board *board = b->o->board;
  const processor *p = &processors[strncmp(board->device, "xck", 3) == 0];
  return put(b, "block_design.tcl", weft_arena_printf(b->arena,
    NOT_RUN "# after package_ip.tcl: vivado -mode batch -source block_design.tcl -> weft.xsa\n"
    "# preset.tcl: a script that sets DDR and MIO of the processor system in $ps, from the\n"
    "# board files of %s; they do not come with the tool.\n"
    "create_project -force weft_%s ./project -part %s\n"
    "set_property ip_repo_paths ./ip [current_project]\nupdate_ip_catalog\n"
    "create_bd_design design_1\n"
    "set ps [create_bd_cell -type ip -vlnv xilinx.com:ip:%s ps]\n"
    "if {![file exists preset.tcl]} {\n"
    "  puts stderr \"preset.tcl is missing: DDR and MIO of this board\"\n  exit 3\n}\n"
    "source preset.tcl\n"
    "set_property -dict [list %s %.3f] $ps\n"
    "set weft [create_bd_cell -type ip -vlnv weft:user:weft_axi:1.0 weft]\n"
    "apply_bd_automation -rule xilinx.com:bd_rule:axi4 "
    "-config {Master /ps/%s Slave /weft/s_axi Clk Auto} [get_bd_intf_pins weft/s_axi]\n"
    "apply_bd_automation -rule xilinx.com:bd_rule:axi4 "
    "-config {Master /weft/m_axi Slave /ps/%s Clk Auto} [get_bd_intf_pins ps/%s]\n"
    "connect_bd_net [get_bd_pins weft/irq] [get_bd_pins ps/%s]\n"
    "assign_bd_address\n"
    "set_property offset %s [get_bd_addr_segs ps/Data/SEG_weft_reg0]\n"
    "set_property range 4K [get_bd_addr_segs ps/Data/SEG_weft_reg0]\n"
    "validate_bd_design\nsave_bd_design\n"
    "add_files [make_wrapper -files [get_files design_1.bd] -top]\n"
    "set_property top design_1_wrapper [current_fileset]\n"
    "launch_runs impl_1 -to_step write_bitstream -jobs 2\nwait_on_run impl_1\n"
    "open_run impl_1\nreport_timing_summary -file timing.rpt\n"
    "write_hw_platform -fixed -include_bit -force -file weft.xsa\n",
    board->name, board->name, xilinx_part(b), p->ip, p->settings, (double)board->target_hz / 1e6,
    p->gp, p->hp, p->hp, p->irq, p->base));
}

static weft_status quartus(build *b, const char *list, const char *pins) {
  const weft_board *board = b->o->board;
  WEFT_TRY(put(b, "weft.sdc",
               weft_arena_printf(b->arena, NOT_RUN "create_clock -name clk_in -period %.3f "
                                 "[get_ports {clk_%lldmhz}]\nderive_pll_clocks\n"
                                 "derive_clock_uncertainty\n", period_ns(board->clock_hz),
                                 (long long)(board->clock_hz / 1000000))));
  WEFT_TRY(put(b, "weft.qsf", weft_arena_printf(b->arena,
    NOT_RUN "set_global_assignment -name DEVICE %s\n"
    "set_global_assignment -name TOP_LEVEL_ENTITY top\n"
    "foreach f {%s} {\n  set_global_assignment -name SYSTEMVERILOG_FILE $f\n}\n"
    "set_global_assignment -name SDC_FILE weft.sdc\nsource %s\n", board->device, list, pins)));
  return put(b, "build.tcl",
             NOT_RUN "# quartus_sh -t build.tcl -> output_files/weft.sof\n"
             "load_package flow\nproject_open weft\nexecute_flow -compile\nproject_close\n");
}

static weft_status prepare(build *b) {
  WEFT_TRY(weft_folder_make(b->d, build_path(b, "rtl")));
  WEFT_TRY(build_collect_sources(b));
  for (size_t i = 0; i < 3; i++)
    b->tools[i] = (weft_eda_tool){.name = "vendor", .version = "vendor"};
  return build_identify(b);
}

weft_status weft_build_export(weft_arena *arena, weft_diag *d, const weft_build_options *o) {
  weft_build_result unused = {0};
  build b = {.arena = arena, .d = d, .o = o, .out = &unused};
  const char *kind = o->board->family, *list = NULL, *pins = NULL;
  const bool is_axi = strcmp(o->board->memory_kind, "axi") == 0;
  const bool is_xilinx = strcmp(kind, "xilinx") == 0;
  if (!is_xilinx && strcmp(kind, "gowin") != 0 && strcmp(kind, "intel") != 0)
    return weft_fail(d, WEFT_E_UNSUPPORTED, weft_diag_text(d, "board %s", o->board->name),
                     weft_diag_text(d, "family %s", kind),
                     "export for xilinx, gowin and intel", "weft build without --export");
  WEFT_TRY(prepare(&b));
  WEFT_TRY(copy_all(&b, &list, &pins));
  if (is_xilinx && is_axi) {
    WEFT_TRY(package_ip(&b, list));
    return block_design(&b);
  }
  if (is_xilinx)
    return vivado(&b, list, pins);
  return strcmp(kind, "gowin") == 0 ? gowin(&b, list, pins) : quartus(&b, list, pins);
}
