# SPDX-License-Identifier: Apache-2.0
# make fuzz T=model [FUZZ_SECONDS=600]: libFuzzer with ASan and UBSan over
# tests/fuzz/fuzz_T.c. Seeds are tests/fuzz/corpus/T; what it finds on the way
# stays in build/fuzz/corpus-T, findings in build/fuzz/found-T.

FUZZ_SECONDS ?= 600
FUZZ_SEEDS = $(or $(wildcard tests/fuzz/corpus/$(T)),tests/fuzz/corpus/model)
FUZZ_FLAGS := -fsanitize=fuzzer-no-link,address,undefined \
              -fno-sanitize-recover=all -fno-omit-frame-pointer

$(BUILD)/fuzz_%: tests/fuzz/fuzz_%.c $(LIB)
	$(if $(Q),@echo "  FUZZ    $<")
	$(Q)$(CC) $(WEFT_CFLAGS) -fsanitize=fuzzer $< $(LIB) $(LDLIBS) -o $@

.PHONY: fuzz
fuzz: ## fuzz a reader or the chain: T=model|program|yaml|chain, FUZZ_SECONDS=600
	@test -f tests/fuzz/fuzz_$(T).c || { \
	  echo "make fuzz T=...: one of $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))"; exit 2; }
	+$(Q)$(MAKE) CC=clang BUILD=build/fuzz OPT=-O1 SAN_FLAGS="$(FUZZ_FLAGS)" \
	  build/fuzz/fuzz_$(T)
	@mkdir -p build/fuzz/corpus-$(T) build/fuzz/found-$(T)
	build/fuzz/fuzz_$(T) -max_total_time=$(FUZZ_SECONDS) -timeout=20 \
	  -rss_limit_mb=3000 -malloc_limit_mb=2200 -max_len=65536 -print_final_stats=1 \
	  -artifact_prefix=build/fuzz/found-$(T)/ \
	  build/fuzz/corpus-$(T) $(FUZZ_SEEDS)
