// A program compiled for tiles: registers are allocated and kernels are chosen. It is compiled once for each
// combination of memory layouts of its operands.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "backends/cpu/context.h"
#include "backends/cpu/simd/kernels.h"
#include "lineshaft/program/program.h"

namespace lineshaft::cpu {

// Whether kernels may read elements of the type directly from memory. They may not for bool, whose byte in memory may
// be any number, where all but 0 are true: kernels take 0 or 1, to which loading converts it.
inline bool reads_in_place(DType type) {
  return is_compute_type(type) && type != DType::kBool;
}

enum class InputMode : uint8_t {
  kDirect,  // kernels read memory directly: reads_in_place(type), and contiguous in every tile
  kLoaded,  // first loaded into a register, widened and made contiguous
  kSplat,   // one value for a whole tile
};

enum class OutputMode : uint8_t {
  kDirect,  // of a compute type and without gaps in every tile: the last kernel writes memory itself, where aliasing
            // allows
  kStored,  // stored from a register, with rounding or strides
};

// The location of a value. `at` is the number of a register, a splat, an input, an output or an index source.
struct Place {
  enum Kind : uint8_t { kNone, kRegister, kSplat, kInput, kOutput } kind = kNone;
  uint16_t at = 0;
};

struct PlanStep {
  enum Kind : uint8_t { kKernel, kLoad, kIndex, kStore } kind = kKernel;
  Kernel kernel = nullptr;
  BlockKernel block = nullptr;
  Place out, a, b, c;
  uint16_t imm = 0;  // for kLoad and kStore the operand's number, for kIndex the number of the index source
};

// A step for a value that is the same in a whole tile. It is computed again when a splat input moves.
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
  bool computes() const { return weight >= 8; }  // whether computing takes longer than memory access
};

// The plan, which is compiled at the first call and lives as long as the device. Bit i of `aliases[k]` is set where
// output k and input i are the same view.
const Plan& plan_for(Context& context, ProgramRef program, std::span<const InputMode> inputs,
                     std::span<const OutputMode> outputs, std::span<const uint64_t> aliases);

}  // namespace lineshaft::cpu
