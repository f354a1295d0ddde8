// SPDX-License-Identifier: Apache-2.0
// written for weft's tests
val config = GemminiArrayConfig(
  inputType = SInt(8.W),
  accType: SInt = SInt(20.W),
  dataflow = Dataflow.WS, // only one
  tileRows = 2,
  tileColumns = 2,
  meshRows = 6,
  meshColumns = 6,
  ld_queue_length = 6, st_queue_length = 2,
  ex_queue_length = 20,
  sp_capacity = CapacityInKilobytes(96),
  acc_capacity = CapacityInKilobytes(16),
  dma_buswidth = 64,
  if_a == if_b
)
