// The compiler's output is valid SPIR-V for every instruction, whatever the device lacks, and computes what the CPU
// backend computes.
#include "backends/vulkan/program/program_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "backends/vulkan/program/lacks_f64.h"
#include "backends/vulkan/program/spirv.h"
#include "lineshaft/device/registry.h"
#include "lineshaft/program/expression.h"
#include "platform/process.h"

namespace lineshaft::vulkan {
namespace {

struct Result {
  DType type;
  uint16_t imm;
};

Result result_of(Opcode opcode, DType type) {
  if (opcode >= Opcode::kEq && opcode <= Opcode::kLe) return {DType::kBool, 0};
  if (opcode == Opcode::kPhilox) return {DType::kI32, 2};
  if (opcode == Opcode::kNarrow)
    return {type, static_cast<uint16_t>(type == DType::kF32 ? DType::kBF16 : type == DType::kI32 ? DType::kI8 : type)};
  if (opcode == Opcode::kBitcast)
    return {type == DType::kF32   ? DType::kI32
            : type == DType::kI32 ? DType::kF32
            : type == DType::kF64 ? DType::kI64
                                  : DType::kF64,
            0};
  return {type, 0};
}

ProgramRef program_of(Opcode opcode, DType type) {
  ProgramBuilder builder;
  int operands = info_of(opcode).operands;
  DType input = opcode == Opcode::kPhilox ? DType::kI64 : type;
  std::vector<Expr> in;
  for (int i = 0; i < operands; ++i)
    in.push_back(builder.input(opcode == Opcode::kSelect && i == 0 ? DType::kBool : input));
  auto [result, imm] = result_of(opcode, type);
  Expr value = builder.emit(opcode, result, in[0], operands > 1 ? in[1] : Expr{}, operands > 2 ? in[2] : Expr{}, imm);
  builder.output(value, result);
  return builder.finish();
}

// Every instruction with operands, in every type it takes, but Cast.
template <class F>
void for_each_instruction(F&& f) {
  for (int i = 0; i < kOpcodeCount; ++i) {
    auto opcode = static_cast<Opcode>(i);
    const OpcodeInfo& info = info_of(opcode);
    if (info.operands == 0 || opcode == Opcode::kCast) continue;
    for (DType type : {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool}) {
      char kind = is_float(type) ? 'F' : type == DType::kBool ? 'B' : 'I';
      if (std::strchr(info.kinds, kind) && !(opcode == Opcode::kPhilox && type != DType::kI64)) f(opcode, type);
    }
  }
}

bool has_validator() {
  return std::system("command -v spirv-val > /dev/null 2>&1") == 0;
}

void expect_valid(const std::vector<uint32_t>& words, const std::string& what) {
  std::string file = testing::TempDir() + "/lineshaft_" + std::to_string(process_id()) + ".spv";
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(words.size() * 4));
  EXPECT_EQ(std::system(("spirv-val --target-env vulkan1.2 " + file).c_str()), 0) << what;
  std::filesystem::remove(file);
}

TEST(VulkanProgramKernel, EveryInstructionIsValidSpirv) {
  if (!has_validator()) GTEST_SKIP() << "spirv-val is not installed (apt-get install spirv-tools)";
  for (bool native : {true, false}) {
    Features features;
    features.f64 = features.i64 = native;
    features.keeps_special = features.rounds_even = {true, true};
    ProgramBuilder all;  // one program that holds every instruction: one run of the validator
    Expr f32 = all.input(DType::kF32), f64 = all.input(DType::kF64), i32 = all.input(DType::kI32),
         i64 = all.input(DType::kI64), flag = all.input(DType::kBool);
    Expr total = cast(f32, DType::kI64) + all.linear() + all.index(1);
    for_each_instruction([&](Opcode opcode, DType type) {
      bool conversion = opcode == Opcode::kNeg || opcode == Opcode::kAbs || opcode == Opcode::kSelect ||
                        opcode == Opcode::kBitcast || (opcode >= Opcode::kEq && opcode <= Opcode::kLe);
      if (!native && type == DType::kF64 && !conversion) return;
      Expr x = type == DType::kF64   ? f64
               : type == DType::kF32 ? f32
               : type == DType::kI64 ? i64
               : type == DType::kI32 ? i32
                                     : flag;
      Result result = result_of(opcode, type);
      Expr a = opcode == Opcode::kSelect ? flag : x;
      Expr value = all.emit(opcode, result.type, a, x, x, result.imm);
      total = total ^ cast(value, DType::kI64);
    });
    for (DType from : {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool})
      for (DType to : {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool}) {
        Expr x = from == DType::kF64   ? f64
                 : from == DType::kF32 ? f32
                 : from == DType::kI64 ? i64
                 : from == DType::kI32 ? i32
                                       : flag;
        total = total ^ cast(cast(x, to), DType::kI64);
      }
    all.output(total, DType::kI64);
    all.output(f32, DType::kF16);
    all.output(total, DType::kU8);
    ProgramRef program = all.finish();
    KernelShape narrow{1,
                       {Access::kStrided, Access::kUniform, Access::kStrided, Access::kStrided, Access::kStrided,
                        Access::kStrided, Access::kStrided, Access::kStrided}};
    expect_valid(compile_map(*program, narrow, features), native ? "narrow, native" : "narrow, as words");
    KernelShape wide{4, std::vector<Access>(8, Access::kVector)};
    wide.access[0] = Access::kStrided;
    expect_valid(compile_map(*program, wide, features), native ? "wide, native" : "wide, as words");
    std::fill_n(wide.access.begin(), program->inputs.size(), Access::kTexel);
    expect_valid(compile_map(*program, wide, features), native ? "texels, native" : "texels, as words");
  }
}

// A kernel states how often its loops turn: every function of the library that loops is known to turns_of.
TEST(VulkanProgramKernel, EveryInstructionWithLoopsStatesTheirTurns) {
  int looping = 0;
  for (bool native : {true, false}) {
    Features features;
    features.f64 = features.i64 = native;
    for_each_instruction([&](Opcode opcode, DType type) {
      ProgramRef program = program_of(opcode, type);
      KernelShape shape{4, std::vector<Access>(program->inputs.size() + 1, Access::kVector)};
      try {
        bool loops = has_loops(compile_map(*program, shape, features));
        looping += loops;
        EXPECT_EQ(loops, loop(kMaxRank).count < turns_of(*program, 4, features).count)
            << info_of(opcode).name << " of " << name_of(type);
      } catch (const LacksF64&) {
        EXPECT_FALSE(native);
      }
    });
  }
  EXPECT_GT(looping, 20);
}

struct Runner {
  std::unique_ptr<OpenDevice> device;
  // The elements of each output.
  std::vector<std::vector<std::byte>> run(ProgramRef program, const std::vector<std::vector<std::byte>>& inputs,
                                          int64_t count) {
    Stream& stream = device->stream();
    std::vector<TensorView> in, out;
    for (size_t k = 0; k < inputs.size(); ++k) {
      BufferId buffer = stream.create(static_cast<int64_t>(inputs[k].size()));
      stream.write(buffer, 0, inputs[k].data(), static_cast<int64_t>(inputs[k].size()));
      in.push_back(contiguous_view(buffer, program->inputs[k], {count}));
    }
    for (DType type : program->outputs)
      out.push_back(contiguous_view(stream.create(count * size_of(type)), type, {count}));
    stream.record(Map{program, in, out, {}});
    std::vector<std::vector<std::byte>> results;
    for (const auto& view : out) {
      results.emplace_back(static_cast<size_t>(count * size_of(view.dtype)));
      stream.read(view.buffer, 0, results.back().data(), count * size_of(view.dtype));
      stream.release(view.buffer);
    }
    for (const auto& view : in) stream.release(view.buffer);
    return results;
  }
};

std::unique_ptr<OpenDevice> open_or_null(const char* id) {
  for (const auto& device : enumerate_devices().devices)
    if (device.id() == id) return open_device(id, {});
  return nullptr;
}

std::vector<double> float_values() {
  double inf = std::numeric_limits<double>::infinity();
  std::vector<double> values{0.0,  -0.0,  1,     -1,     0.5,    -0.5, 2,    -2,   3,           -3,
                             1e-3, -1e-3, 0.999, -0.999, 1.0001, 7.5,  -7.5, 10,   31.4,        88,
                             -88,  100,   -100,  1e4,    1e5,    1e10, inf,  -inf, std::nan("")};
  for (int i = -60; i <= 60; ++i) values.push_back(i * 0.173 + 0.011);
  return values;
}

std::vector<std::byte> bytes_of(DType type, size_t rotate) {
  std::vector<double> floats = float_values();
  std::vector<std::byte> bytes(floats.size() * static_cast<size_t>(size_of(type)));
  const int64_t wide[] = {0,
                          1,
                          -1,
                          2,
                          -2,
                          3,
                          7,
                          -7,
                          31,
                          32,
                          63,
                          64,
                          65,
                          1000,
                          -1000,
                          INT32_MAX,
                          INT32_MIN,
                          int64_t{1} << 40,
                          -(int64_t{1} << 40),
                          INT64_MAX,
                          INT64_MIN};
  for (size_t i = 0; i < floats.size(); ++i) {
    double x = floats[(i + rotate) % floats.size()];
    int64_t n = wide[(i * (1 + rotate) + rotate / 3) % std::size(wide)];
    auto put = [&](auto value) { std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value); };
    switch (type) {
      case DType::kF64:
        put(x);
        break;
      case DType::kF32:
        put(static_cast<float>(x));
        break;
      case DType::kI64:
        put(n);
        break;
      case DType::kI32:
        put(static_cast<int32_t>(n));
        break;
      case DType::kI16:
        put(static_cast<int16_t>(n));
        break;
      case DType::kI8:
      case DType::kU8:
        put(static_cast<uint8_t>(n));
        break;
      default:
        put(static_cast<uint8_t>((i + rotate) % 3 == 0));
    }
  }
  return bytes;
}

double number(DType type, const std::byte* at) {
  if (type == DType::kF32) {
    float value;
    std::memcpy(&value, at, 4);
    return value;
  }
  double value;
  std::memcpy(&value, at, 8);
  return value;
}

bool close(DType type, const std::byte* a, const std::byte* b) {
  if (!is_float(type)) return std::memcmp(a, b, static_cast<size_t>(size_of(type))) == 0;
  double x = number(type, a), y = number(type, b);
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  if (x == y) return true;
  double tolerance = type == DType::kF32 ? 3e-6 : 2e-14;
  return std::abs(x - y) <= tolerance * std::max({std::abs(x), std::abs(y), type == DType::kF32 ? 0.2 : 0.2});
}

std::string text_of(DType type, const std::byte* at) {
  if (is_float(type)) return concat(number(type, at));
  int64_t n = 0;
  std::memcpy(&n, at, static_cast<size_t>(size_of(type)));
  return concat(n);
}

// Runs a program on both devices and compares every element of every output.
void expect_same(Runner& gpu, Runner& cpu, ProgramRef program, const std::string& what) {
  std::vector<std::vector<std::byte>> inputs;
  for (size_t k = 0; k < program->inputs.size(); ++k) inputs.push_back(bytes_of(program->inputs[k], k * 7));
  auto count = static_cast<int64_t>(float_values().size());
  auto expected = cpu.run(program, inputs, count), actual = gpu.run(program, inputs, count);
  for (size_t output = 0; output < expected.size(); ++output) {
    DType type = program->outputs[output];
    int wrong = 0;
    for (int64_t i = 0; i < count && wrong < 3; ++i) {
      const std::byte *e = expected[output].data() + i * size_of(type), *a = actual[output].data() + i * size_of(type);
      if (close(type, e, a)) continue;
      ++wrong;
      std::string operands;
      for (size_t k = 0; k < inputs.size(); ++k)
        operands += " " + text_of(program->inputs[k], inputs[k].data() + i * size_of(program->inputs[k]));
      ADD_FAILURE() << what << ", output " << output << ", of" << operands << " is " << text_of(type, a)
                    << ", expected " << text_of(type, e);
    }
  }
}

TEST(VulkanProgramKernel, EveryInstructionComputesWhatTheCpuComputes) {
  Runner gpu{open_or_null("vulkan:0")}, cpu{open_or_null("cpu:0")};
  if (!gpu.device) GTEST_SKIP() << "there is no Vulkan device";
  bool f64 = std::ranges::count(gpu.device->properties().features, "f64") > 0;
  for_each_instruction([&](Opcode opcode, DType type) {
    if (type == DType::kF64 && !f64) return;
    expect_same(gpu, cpu, program_of(opcode, type), concat(info_of(opcode).name, ".", name_of(type)));
  });
  for (DType from : {DType::kF32, DType::kI64, DType::kI32, DType::kBool})
    for (DType to : {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kBool})
      if (!(is_float(from) && is_int(to)))
        expect_same(gpu, cpu, cast_program(from, to), concat(name_of(from), " to ", name_of(to)));
}

// Compilers of drivers rewrite an instruction with a literal, and one whose operand was converted: Mesa's took
// converted integers for unsigned ones beside a literal.
TEST(VulkanProgramKernel, ConvertedValuesBesideLiteralsComputeWhatTheCpuComputes) {
  Runner gpu{open_or_null("vulkan:0")}, cpu{open_or_null("cpu:0")};
  if (!gpu.device) GTEST_SKIP() << "there is no Vulkan device";
  bool f64 = std::ranges::count(gpu.device->properties().features, "f64") > 0;
  int programs = 0;
  auto try_all = [&](Opcode opcode, DType type, DType from) {
    ProgramBuilder p;
    Expr x = cast(p.input(from), type);
    Result result = result_of(opcode, type);
    std::vector<Expr> literals;
    for (int64_t n : {0, -1, 7}) {
      if (type == DType::kBool && n > 1) break;
      literals.push_back(is_float(type) ? p.constant(type, static_cast<double>(n)) : p.constant(type, n));
    }
    for (Expr c : literals) {
      p.output(p.emit(opcode, result.type, x, c, {}, result.imm), result.type);
      p.output(p.emit(opcode, result.type, c, x, {}, result.imm), result.type);
    }
    expect_same(gpu, cpu, p.finish(), concat(info_of(opcode).name, ".", name_of(type), " of ", name_of(from)));
    ++programs;
  };
  for_each_instruction([&](Opcode opcode, DType type) {
    if (info_of(opcode).operands != 2 || opcode == Opcode::kPhilox || (type == DType::kF64 && !f64)) return;
    for (DType from : {DType::kF64, DType::kF32, DType::kI64, DType::kI32, DType::kI8, DType::kBool})
      if ((from != DType::kF64 || f64) && !(is_float(from) && is_int(type))) try_all(opcode, type, from);
  });
  EXPECT_GT(programs, 200);
}

}  // namespace
}  // namespace lineshaft::vulkan
