# SPDX-License-Identifier: Apache-2.0
# weft_version.h changes only when the commit does, so that a build after a
# commit recompiles one file.
WEFT_VERSION := 0.1.0
GEN_FILES += $(BUILD)/gen/weft_version.h
.PHONY: version-check
$(BUILD)/gen/weft_version.h: version-check
	@mkdir -p $(@D)
	@commit=$$(git describe --always --dirty --abbrev=12 2>/dev/null || echo unknown); \
	 { echo '#define WEFT_VERSION "$(WEFT_VERSION)"'; \
	   echo "#define WEFT_COMMIT \"$$commit\""; } >$@.part; \
	 if cmp -s $@.part $@; then rm $@.part; else mv $@.part $@; fi
version-check:
