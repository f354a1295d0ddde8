; SPDX-License-Identifier: Apache-2.0
; The microprogram of weft_micro: takes the instructions of a program one after
; another, which is what a program means (configs/README.md). Machine: README.md.
; Names of instruction fields (EXC.N_TILES) and engine registers (EX.POST)
; are those of isa.def. A word address of the scratchpad is row * ROWS + bank.
;
; WT does nothing when its turn comes but to be checked. Ring words and parameter
; sets are fetched when an EXC takes them, by two cursors (w*, p*) that look for
; their own next WT in the program.

idle:   wait
        andi zero, zero, 0          ; of a memory that nothing wrote
        get rows, ROWS
        get rsh, ROW_BITS
        addi rmask, rows, -1
        li four, 4
        li minus1, -1
        addi pc, zero, 0
        addi wl, zero, 0
        li wrep, 1
        addi wgl, zero, 0
        addi pgl, zero, 0
        addi marks, zero, 0
        addi steps, zero, 0
        addi reads, zero, 0
        addi writes, zero, 0
        addi nld, zero, 0
        addi nwt, zero, 0
        addi nex, zero, 0
        addi nst, zero, 0
        out zero, CSR.FAULT_PC
        out zero, CSR.FAULT_QUEUE
        out zero, CSR.MARK_COUNT
        jal ra, counters
        shri base0, hbase0, 6
        shli base0, base0, 6
        shri ipc, hprog, 6
        shli ipc, ipc, 6
        add wpc, ipc, zero
        add ppc, ipc, zero

; ---- fetch: program counter pc, byte offset ipc -------------------------------
next:   li fq, 0
        beq pc, hinsns, no_end
        addi t, ipc, 16
        bltu hsize0, t, range
        bltu t, ipc, range
        add t, ipc, base0
        mri i0, t, 0
        mri i1, t, 4
        mri i2, t, 8
        mri i3, t, 12
        addi reads, reads, 4
        bill illegal
        ext op, i0, 0, 6
        li t, OP.CFG
        beq op, t, cfg
        li t, OP.TAP
        beq op, t, tap
        li t, OP.EXC
        beq op, t, exc
        li t, OP.LD
        beq op, t, ld
        li t, OP.ST
        beq op, t, st
        li t, OP.WT
        beq op, t, wt
        li t, OP.LCFG
        beq op, t, lcfg
        li t, OP.SCFG
        beq op, t, scfg
        li t, OP.MARK
        beq op, t, mark
        li t, OP.NOP
        beq op, t, nop
; END
        jal ra, counters
        halt zero

no_end: li t, FAULT.NO_END
        jmp fault
illegal: li t, FAULT.ILLEGAL
        jmp fault
range:  li t, FAULT.RANGE
fault:  out pc, CSR.FAULT_PC
        out fq, CSR.FAULT_QUEUE
        add u, t, zero
        jal ra, counters
        halt u

done:   addi ipc, ipc, 16
        addi pc, pc, 1
        jmp next

counters: out nld, CSR.RETIRED_LD
        out nwt, CSR.RETIRED_WT
        out nex, CSR.RETIRED_EX
        out nst, CSR.RETIRED_ST
        out steps, CSR.EX_STEPS
        out reads, CSR.READ_BEATS
        out writes, CSR.WRITE_BEATS
        get t2, CYCLES_HI
        out t2, CSR.CYCLES_HI
        get t2, CYCLES
        addi t2, t2, DONE_AFTER
        out t2, CSR.CYCLES_LO
        jr ra

; ---- NOP, MARK, configuration --------------------------------------------------
nop:    fld t, H.QUEUE
        addi t, t, -1
        beq t, zero, ret_ld
        addi t, t, -1
        beq t, zero, ret_wt
        addi t, t, -1
        beq t, zero, ret_ex
ret_st: retire 3
        addi nst, nst, 1
        jmp done
ret_ld: retire 0
        addi nld, nld, 1
        jmp done
ret_wt: retire 1
        addi nwt, nwt, 1
        jmp done
ret_ex: retire 2
        addi nex, nex, 1
        jmp done

mark:   get u, CYCLES
        li t, 64
        bgeu marks, t, ret_ex
        shli t, marks, 1
        fld v, MARK.ID
        outr u, t, 128
        outr v, t, 129
        addi marks, marks, 1
        out marks, CSR.MARK_COUNT
        jmp ret_ex

; Registers in the local memory: EX from 0, LD from 32, ST from 36, parameters of
; four channels from 40, taps from 64, three words each. 255: none.
cfg:    addi v, zero, 0
        jmp regs
lcfg:   li v, 32
        jmp regs
scfg:   li v, 36
regs:   li u, 255
        ext t, i1, 0, 8
        beq t, u, regs_b
        add t, t, v
        lmw i2, t, 0
regs_b: ext t, i1, 8, 8
        beq t, u, done
        add t, t, v
        lmw i3, t, 0
        jmp done

tap:    fld t, TAP.INDEX
        shli u, t, 1
        add t, t, u
        fld u, TAP.DROW
        shl u, u, rsh
        fld v, TAP.DMOD
        add u, u, v
        lmw u, t, 64
        fld u, TAP.YLO
        fld v, TAP.YHI
        shli v, v, 12
        or u, u, v
        lmw u, t, 65
        fld u, TAP.XLO
        fld v, TAP.XHI
        shli v, v, 12
        or u, u, v
        lmw u, t, 66
        jmp done

; ---- walker of tensors in the scratchpad: LD, ST, the drain's output -----------
; wlin: line, wpos: pixel, wxo, wyo: odd; set before: wpx, wpy, wplx, wply (times
; ROWS), wpd: pitch, wgx: (G - 1) * ROWS
walk_start: add wpos, wlin, zero       ; pixel 0 of line wlin
        addi wxo, zero, 0
        addi wyo, zero, 0
        jr ra
walk_at: add wadr, wpos, zero          ; wadr: word 0 of the pixel
        and t, wxo, wpx
        beq t, zero, wa_y
        add wadr, wadr, wplx
wa_y:   and t, wyo, wpy
        beq t, zero, wa_z
        add wadr, wadr, wply
wa_z:   jr ra
walk_pix: and t, wxo, wpx
        bne t, wpx, wp_odd
        addi wpos, wpos, 1
        and t, wpos, rmask
        bne t, zero, wp_odd
        add wpos, wpos, wgx
wp_odd: xori wxo, wxo, 1
        jr ra
walk_line: addi wxo, zero, 0
        and t, wyo, wpy
        xori wyo, wyo, 1
        bne t, wpy, wl_same
        and t, wlin, rmask
        and u, wpd, rmask
        add t, t, u
        add wlin, wlin, wpd
        blt t, rows, wl_same
        add wlin, wlin, wgx
wl_same: add wpos, wlin, zero
        jr ra

; ---- LD and ST ----------------------------------------------------------------
ld:     li v, 32
        li fq, 1
        jmp dma
st:     li v, 36
        li fq, 4
dma:    fld dwidth, LD.WIDTH
        fld dch, LD.CHANNELS
        fld dlines, LD.LINES
        fld wpx, LD.PX
        fld wpy, LD.PY
        lmr dpitch, v, 0
        lmr t, v, 1
        ext u, t, 0, 16
        addi u, u, -1
        shl wgx, u, rsh
        ext u, t, 16, 5
        fld t, LD.ROW
        shl t, t, rsh
        add wlin, t, u
        lmr t, v, 2
        jal ra, advance
        add wpd, u, zero
        lmr t, v, 3
        ext u, t, 0, 16
        shl wplx, u, rsh
        ext u, t, 16, 16
        shl wply, u, rsh
        fld t, LD.REGION
        add dbase, hbase0, zero
        add dsize, hsize0, zero
        beq t, zero, dma_reg
        addi t, t, -1
        add dbase, hbase1, zero
        add dsize, hsize1, zero
        beq t, zero, dma_reg
        addi t, t, -1
        add dbase, hbase2, zero
        add dsize, hsize2, zero
        beq t, zero, dma_reg
        add dbase, hbase3, zero
        add dsize, hsize3, zero
dma_reg: shri dbase, dbase, 6
        shli dbase, dbase, 6
        mulh t, dch, dwidth
        mull dbytes
        add doff, i1, zero
        jal ra, walk_start
dma_line: add t, doff, dbytes
        bltu t, doff, range
        bltu dsize, t, range
        add dadr, dbase, doff
        add dx, dwidth, zero
dma_pix: jal ra, walk_at
        add dleft, dch, zero
dma_word: add n, dleft, zero
        blt dleft, four, dma_n
        add n, four, zero
dma_n:  ext sh, dadr, 0, 2
        add e, sh, n
        addi e, e, -4                  ; bytes beyond the beat, if > 0
        li t, 4
        sub t, t, n
        shli t, t, 3
        shr mask, minus1, t            ; the low n bytes
        li t, 4
        beq fq, t, st_word
        mr w, dadr, 0
        addi reads, reads, 1
        rotb w, w, sh
        bge zero, e, ld_put
        mr w1, dadr, 4
        addi reads, reads, 1
        rotb w1, w1, sh
        shli t, sh, 3
        shr t, minus1, t               ; the low 4 - sh bytes
        and w, w, t
        xori t, t, -1
        and w1, w1, t
        or w, w, w1
ld_put: and w, w, mask
        spw w, wadr, 0
        jmp dma_next
st_word: spr w, wadr, 0
        sub t, zero, sh
        rotb w, w, t
        li t, 1
        shl t, t, n
        addi t, t, -1
        shl t, t, sh
        strb t
        mw w, dadr, 0
        addi writes, writes, 1
        bge zero, e, dma_next
        shri t, t, 4
        strb t
        mw w, dadr, 4
        addi writes, writes, 1
dma_next: add dadr, dadr, n
        add wadr, wadr, rows
        sub dleft, dleft, n
        bne dleft, zero, dma_word
        jal ra, walk_pix
        addi dx, dx, -1
        bne dx, zero, dma_pix
        jal ra, walk_line
        addi dlines, dlines, -1
        beq dlines, zero, dma_end
        add t, doff, dpitch
        bltu t, doff, range
        add doff, t, zero
        jmp dma_line
dma_end: li t, 4
        beq fq, t, ret_st
        jmp ret_ld

; ---- WT: its extent, and the two cursors -----------------------------------------
wt:     li fq, 2
        add x1, i1, zero
        add x2, i2, zero
        add x3, i3, zero
        jal ra, wt_unpack
        mulh t, xper, xgroups
        mull u
        bne t, zero, range
        add t, x1, u
        bltu t, x1, range
        bltu hsize0, t, range
        jmp ret_wt
; x1..x3: words of a WT; xpb, xnw, xgroups; xper: bytes of an n-group
wt_unpack: shri x1, x1, 2
        shli x1, x1, 2
        ext xnw, x2, 0, 24
        ext xgroups, x2, 24, 8
        ext t, x3, 0, 8
        shli t, t, 8
        or xgroups, xgroups, t
        ext t, x3, 24, 2
        addi xpb, zero, 0
        beq t, zero, wu_per
        li xpb, 16
        addi t, t, -1
        beq t, zero, wu_per
        li xpb, 48
wu_per: shli xper, xnw, 2
        add xper, xper, xpb
        jr ra
; the next WT from offset xpc on, before the present instruction; xpc behind it
wt_find: bgeu xpc, ipc, starved
        add u, xpc, base0
        mr t, u, 0
        addi reads, reads, 1
        addi xpc, xpc, 16
        ext t, t, 0, 6
        li v, OP.WT
        bne t, v, wt_find
        mr x1, u, 4
        mr x2, u, 8
        mr x3, u, 12
        addi reads, reads, 3
        add rd, rb, zero
        add rb, ra, zero
        jal ra, wt_unpack
        add ra, rb, zero
        add rb, rd, zero
        add x1, x1, base0
        jr ra
starved: li t, FAULT.WATCHDOG
        jmp fault

; one ring word into place ri, which moves on
pull_w: bne wl, zero, pw_go
        addi wrep, wrep, -1
        beq wrep, zero, pw_group
        add wa, wgb, zero
        add wl, wnw, zero
        jmp pw_go
pw_group: beq wgl, zero, pw_scan
        addi wgl, wgl, -1
        add wa, wa, wpb
pw_seg: add wgb, wa, zero
        add wl, wnw, zero
        add wrep, wrp, zero
pw_go:  mr t, wa, 0
        addi reads, reads, 1
        rgw t, ri
        addi ri, ri, 1
        addi wa, wa, 4
        addi wl, wl, -1
        jr rb
pw_scan: add xpc, wpc, zero
        jal ra, wt_find
        add wpc, xpc, zero
        beq xnw, zero, pw_scan
        addi wgl, xgroups, -1
        add wpb, xpb, zero
        add wnw, xnw, zero
        ext wrp, x3, 8, 16
        add wa, x1, xpb
        jmp pw_seg

; one parameter set into the local memory
pull_p: bne pgl, zero, pp_go
        add xpc, ppc, zero
        jal ra, wt_find
        add ppc, xpc, zero
        beq xpb, zero, pull_p
        add pgl, xgroups, zero
        add pa, x1, zero
        add pper, xper, zero
        shri pwords, xpb, 2
pp_go:  addi pgl, pgl, -1
        add u, pa, zero
        add pa, pa, pper
        addi v, zero, 0
pp_word: mr t, u, 0
        addi reads, reads, 1
        lmw t, v, 40
        addi u, u, 4
        addi v, v, 1
        bne v, pwords, pp_word
        jr rb

; ---- EXC -------------------------------------------------------------------------
exc:    fld etiles, EXC.N_TILES
        fld elast, EXC.LAST_ROWS
        fld egroups, EXC.N_GROUPS
        fld etaps, EXC.N_TAPS
        fld etap0, EXC.TAP_BASE
        fld edw, EXC.DEPTHWISE
        fld eunit, EXC.UNIT
        fld estream, EXC.STREAM
        or estream, estream, eunit     ; nothing is kept in the ring
        fld eone, EXC.ONE_ROW
        fld elk, EXC.LAST_K
        fld t, EXC.MAX
        shli t, t, 1
        or t, t, edw
        shli u, eunit, 2
        or t, t, u
        fld u, EXC.FIRST_K
        shli u, u, 3
        or emode, t, u                 ; first, unit, max, own
        add erows, rows, zero
        beq eone, zero, ex_in
        li erows, 1
ex_in:  lmr t, zero, EX.IN
        jal ra, advance
        add ein, u, zero
        lmr t, zero, EX.IN_WORDS
        ext eg, t, 0, 16
        addi u, eg, -1
        shl egx, u, rsh
        ext etail, t, 16, 6
        beq edw, zero, ex_step
        li eg, 1
        li etail, 1
ex_step: lmr t, zero, EX.X_STEP
        jal ra, advance
        add exd, u, zero
        lmr t, zero, EX.Y_STEP
        jal ra, advance
        add eyd, u, zero
        lmr t, zero, EX.ORIGIN
        ext ex0, t, 0, 12
        ext ey0, t, 12, 12
        ext u, t, 24, 8
        pad u
        lmr t, zero, EX.RASTER
        ext ewidth, t, 0, 13
        ext evalid, t, 13, 13
        lmr t, zero, EX.POST
        ext eparams, t, 10, 2
        ext eadd, t, 12, 1
        ext u, t, 5, 5                 ; scalar parameters into all channels
        shli u, u, 8
        ext v, t, 0, 5
        or u, u, v
        lmr v, zero, EX.MULT
        ext v, v, 0, 31
        lmr w, zero, EX.BIAS
        addi t, zero, 3
ex_sc:  lmw w, t, 40
        lmw v, t, 44
        lmw u, t, 48
        addi t, t, -1
        bge t, zero, ex_sc
        lmr t, zero, EX.CLAMP
        jal ra, signed3
        add elo, u, zero
        add ehi, v, zero
        add ezp, w, zero
        lmr t, zero, EX.OUT
        ext wpx, t, 21, 1
        ext wpy, t, 22, 1
        jal ra, advance
        add eout, u, zero
        lmr t, zero, EX.OUT_PITCH
        jal ra, advance
        add wpd, u, zero
        lmr t, zero, EX.OUT_WORDS
        ext u, t, 0, 16
        addi u, u, -1
        shl wgx, u, rsh
        ext u, t, 16, 16
        shl wplx, u, rsh
        lmr t, zero, EX.OUT_PLANES
        ext u, t, 0, 16
        shl wply, u, rsh
        beq eadd, zero, ex_go
        lmr t, zero, EX.RES
        jal ra, advance
        add eres, u, zero
        lmr t, zero, EX.RES_PITCH
        jal ra, advance
        add rpd, u, zero
        lmr t, zero, EX.ADD_SHIFT
        ext ars1, t, 0, 5
        ext ars2, t, 5, 5
        ext ars3, t, 10, 5
        ext als, t, 15, 5
        lmr t, zero, EX.ADD_ZP
        jal ra, signed3
        add az1, u, zero
        add az2, v, zero
        add azo, w, zero
        lmr t, zero, EX.ADD_CLAMP
        jal ra, signed3
        add alo, u, zero
        add ahi, v, zero
        lmr t, zero, EX.ADD_M1
        ext am1, t, 0, 31
        lmr t, zero, EX.ADD_M2
        ext am2, t, 0, 31
        lmr t, zero, EX.ADD_M3
        ext am3, t, 0, 31

ex_go:  addi ng, zero, 0               ; n-group times ROWS
ex_group: add ebase, ein, zero
        beq edw, zero, eg_base
        add ebase, ebase, ng
eg_base: add ex, ex0, zero             ; raster pixel 0 of the tile
        add ey, ey0, zero
        add el, ewidth, zero
        add wlin, eout, ng
        jal ra, walk_start
        add ovis, evalid, zero         ; visible pixels and pixels left in the line
        add oleft, ewidth, zero
        add rlin, eres, ng
        add rpos, rlin, zero
        beq elk, zero, eg_ring
        beq eparams, zero, eg_ring
        jal rb, pull_p
eg_ring: bne estream, zero, eg_tiles
        addi u, eg, -1                 ; words of an n-group: taps * ((G - 1) * 4 + TAIL)
        shli u, u, 2
        add u, u, etail
        mulh t, u, etaps
        mull k
        addi ri, zero, 0
eg_pull: jal rb, pull_w
        addi k, k, -1
        bne k, zero, eg_pull
eg_tiles: add tleft, etiles, zero
ex_tile: mode emode
        addi ri, zero, 0
        add taps, etaps, zero
        shli t, etap0, 1
        add tapat, t, etap0
ex_tap: lmr t, tapat, 64
        lmr u, tapat, 65
        lmr v, tapat, 66
        addi tapat, tapat, 3
        ext ylo, u, 0, 12
        ext yhi, u, 12, 12
        ext xlo, v, 0, 12
        ext xhi, v, 12, 12
        and u, ebase, rmask
        and v, t, rmask
        add u, u, v
        add p, ebase, t
        blt u, rows, tp_in
        add p, p, egx
tp_in:  ext p, p, 0, 20                ; bit 31 is free
        add tx, ex, zero
        add ty, ey, zero
        add tl, el, zero
        jal ra, place
        add p0, q, zero
        jal ra, place
        add p1, q, zero
        li t, 2
        beq rows, t, ex_words
        jal ra, place
        add p2, q, zero
        jal ra, place
        add p3, q, zero
ex_words: add g, eg, zero
ex_word: li n, 4
        addi g, g, -1
        bne g, zero, ew_n
        add n, etail, zero
ew_n:   beq estream, zero, ew_x
        bne eunit, zero, ew_x
        addi ri, zero, 0
        add k, n, zero
ew_pull: jal rb, pull_w
        addi k, k, -1
        bne k, zero, ew_pull
        addi ri, zero, 0
ew_x:   xld p0, 0
        xld p1, 1
        add p0, p0, rows
        add p1, p1, rows
        li t, 2
        beq rows, t, ew_mac
        xld p2, 2
        xld p3, 3
        add p2, p2, rows
        add p3, p3, rows
ew_mac: mac n, ri
        add ri, ri, n
        add steps, steps, n
        bne g, zero, ex_word
        addi taps, taps, -1
        bne taps, zero, ex_tap

        beq elk, zero, ex_next         ; the drain
        addi racc, zero, 0
        add rleft, erows, zero
        addi t, tleft, -1
        bne t, zero, dr_row
        add rleft, elast, zero
dr_row: addi c, zero, 0
        beq eadd, zero, dr_col
        spr rw, rpos, 0
dr_col: acr x, racc
        lmr t, c, 40
        add x, x, t
        lmr s, c, 48
        ext t, s, 0, 5
        shl x, x, t
        ext rs, s, 8, 5
        lmr m, c, 44
        ext m, m, 0, 31
        jal ra, mbqm
        add x, x, ezp
        add u, elo, zero
        add v, ehi, zero
        jal ra, clamp
        beq eadd, zero, dr_byte
        sub x, x, az1
        shl x, x, als
        add m, am1, zero
        add rs, ars1, zero
        jal ra, mbqm
        add y, x, zero
        shli x, rw, 24
        srai x, x, 24
        shri rw, rw, 8
        sub x, x, az2
        shl x, x, als
        add m, am2, zero
        add rs, ars2, zero
        jal ra, mbqm
        add x, x, y
        add m, am3, zero
        add rs, ars3, zero
        jal ra, mbqm
        add x, x, azo
        add u, alo, zero
        add v, ahi, zero
        jal ra, clamp
dr_byte: shri word, word, 8            ; bytes enter at the top
        shli x, x, 24
        or word, word, x
        addi racc, racc, 1
        addi c, c, 1
        bne c, four, dr_col
        bge zero, ovis, dr_walk
        jal ra, walk_at
        spw word, wadr, 0
dr_walk: addi ovis, ovis, -1
        addi oleft, oleft, -1
        beq oleft, zero, dr_line
        jal ra, walk_pix
        addi rpos, rpos, 1             ; the residual: no planes, G of the output
        and t, rpos, rmask
        bne t, zero, dr_next
        add rpos, rpos, wgx
        jmp dr_next
dr_line: add oleft, ewidth, zero
        add ovis, evalid, zero
        jal ra, walk_line
        and t, rlin, rmask
        and u, rpd, rmask
        add t, t, u
        add rlin, rlin, rpd
        blt t, rows, dr_res
        add rlin, rlin, wgx
dr_res: add rpos, rlin, zero
dr_next: addi rleft, rleft, -1
        bne rleft, zero, dr_row

ex_next: addi tleft, tleft, -1         ; the next tile
        beq tleft, zero, ex_gend
        add d, exd, zero
        beq eone, zero, en_go
        li t, 1
        bne el, t, en_go
        add d, eyd, zero
en_go:  and t, ebase, rmask
        and u, d, rmask
        add t, t, u
        add ebase, ebase, d
        blt t, rows, en_ras
        add ebase, ebase, egx
en_ras: add k, erows, zero
        add tx, ex, zero
        add ty, ey, zero
        add tl, el, zero
en_pix: jal ra, raster
        addi k, k, -1
        bne k, zero, en_pix
        add ex, tx, zero
        add ey, ty, zero
        add el, tl, zero
        jmp ex_tile
ex_gend: add ng, ng, rows
        addi egroups, egroups, -1
        bne egroups, zero, ex_group
        jmp ret_ex

; t = {bank 20:16, row 15:0} to u = row * ROWS + bank
advance: ext u, t, 0, 16
        shl u, u, rsh
        ext t, t, 16, 5
        add u, u, t
        jr ra
; the three signed bytes of t to u, v, w
signed3: shli u, t, 24
        srai u, u, 24
        shli v, t, 16
        srai v, v, 24
        shli w, t, 8
        srai w, w, 24
        jr ra
; q: where the tap of raster pixel (tx, ty) is, bit 31 if outside; then the next
; pixel, of p and of the raster
place:  add q, p, zero
        blt tx, xlo, pl_out
        blt xhi, tx, pl_out
        blt ty, ylo, pl_out
        bge yhi, ty, pl_next
pl_out: li t, 1
        shli t, t, 31
        or q, q, t
pl_next: addi p, p, 1
        and t, p, rmask
        bne t, zero, raster
        add p, p, egx
raster: addi tx, tx, 1
        addi tl, tl, -1
        bne tl, zero, ra_end
        add tx, ex0, zero
        addi ty, ty, 1
        add tl, ewidth, zero
ra_end: jr ra
; x to u..v; both arms of a comparison are as long, for no timing depends on data
clamp:  blt x, u, cl_low
        add x, x, zero
        jmp cl_high
cl_low: add x, u, zero
        jmp cl_high
cl_high: blt v, x, cl_over
        add x, x, zero
        jr ra
cl_over: add x, v, zero
        jr ra
; x = (x * m + 2^30) >> 31, then the rounding shift by rs
mbqm:   mulh x, x, m
        beq rs, zero, mb_end
        srai t, x, 31
        add x, x, t
        addi t, rs, -1
        sra x, x, t
        addi x, x, 1
        srai x, x, 1
mb_end: jr ra
