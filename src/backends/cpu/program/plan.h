// A program made ready to run over tiles: registers allocated, kernels chosen. Compiled once for each way its operands
// lie in memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/simd/kernels.h"
#include "lineshaft/program/program.h"

namespace lineshaft::cpu {

// Whether kernels may read elements from memory as they are. A bool's byte may hold any number there, all but 0 of
// which are true; what loads it makes it 0 or 1, as kernels take it.
inline bool reads_in_place(DType type) {
  return is_compute_type(type) && type != DType::kBool;
}

enum class InputMode : uint8_t {
  kDirect,  // of a type that is read in place and without gaps in every tile: kernels read memory itself
  kLoaded,  // widened or gathered into a register first
  kSplat,   // one value throughout a tile
};

enum class OutputMode : uint8_t {
  kDirect,  // of a compute type and without gaps in every tile: the last kernel writes memory itself, where aliasing
            // allows
  kStored,  // rounded or scattered from a register
};

// Where a value lies. `at` is a register's number, a splat's number, or the number of an input, output or index source.
struct Place {
  enum Kind : uint8_t { kNone, kRegister, kSplat, kInput, kOutput } kind = kNone;
  uint16_t at = 0;
};

struct PlanStep {
  enum Kind : uint8_t { kKernel, kLoad, kIndex, kStore } kind = kKernel;
  Kernel kernel = nullptr;
  BlockKernel block = nullptr;
  Place out, a, b, c;
  uint16_t imm = 0;  // kLoad, kStore: the operand's number; kIndex: the index source's
};

// A value that is the same throughout a tile, computed when a splat input moves.
struct UniformStep {
  Opcode opcode = Opcode::kConst;
  DType type = DType::kF32;
  Kernel kernel = nullptr;
  BlockKernel block = nullptr;
  uint16_t slot = 0, a = 0, b = 0, c = 0;  // splat numbers
  uint16_t imm = 0;
  Scalar constant;
};

struct Plan {
  ProgramRef program = nullptr;
  std::vector<UniformStep> uniform;
  std::vector<PlanStep> steps;
  std::vector<uint32_t> registers;  // byte offset of each
  int index_sources = 0;
  int64_t capacity = 0;  // elements of a tile
  int64_t register_bytes = 0;
  int splats = 0;
  int weight = 1;                                // rough cost of an element, in plain vector instructions
  bool computes() const { return weight >= 8; }  // for longer than memory takes
};

// `aliases[k]`: bit i is set where output k and input i are one view. The plan lives as long as the device.
const Plan& plan_for(Context& context, ProgramRef program, std::span<const InputMode> inputs,
                     std::span<const OutputMode> outputs, std::span<const uint64_t> aliases);

}  // namespace lineshaft::cpu
