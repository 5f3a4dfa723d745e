#include "conformance/bench.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iomanip>
#include <limits>

#include "lineshaft/device/counters.h"
#include "platform/environment.h"
#include "tensor/element.h"

namespace lineshaft::conformance {
namespace {

constexpr std::byte kUntouched{0xA5};

template <class T>
void put(T value, std::byte* to) {
  std::memcpy(to, &value, sizeof value);
}

double edge_float(std::mt19937_64& random, DType dtype) {
  double largest = dtype == DType::kF64 ? 1.7976931348623157e308 : dtype == DType::kF16 ? 65504.0 : 3.3e38;
  double smallest = dtype == DType::kF64 ? 2.3e-308 : dtype == DType::kF16 ? 6.2e-5 : 1.2e-38;
  const double values[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 1.0, -1.0, largest, -largest, smallest, -smallest};
  return values[random() % std::size(values)];
}

int64_t edge_integer(std::mt19937_64& random, DType dtype) {
  int bits = 8 * size_of(dtype);
  int64_t high = dtype == DType::kU8 ? 255 : bits == 64 ? INT64_MAX : (int64_t{1} << (bits - 1)) - 1;
  int64_t low = dtype == DType::kU8 ? 0 : -high - 1;
  const int64_t values[] = {low, high, 0, 1, dtype == DType::kU8 ? 255 : -1, low + 1, high - 1};
  return values[random() % std::size(values)];
}

double epsilon(DType dtype) {
  switch (dtype) {
    case DType::kF64:
      return 0x1p-53;
    case DType::kF16:
      return 0x1p-11;
    case DType::kBF16:
      return 0x1p-8;
    default:
      return 0x1p-24;
  }
}

std::unordered_map<std::string, std::unique_ptr<OpenDevice>>& open_devices() {
  static std::unordered_map<std::string, std::unique_ptr<OpenDevice>> devices;
  return devices;
}

}  // namespace

void store_element(Number value, DType dtype, std::byte* to) {
  Number fits = stored(value, dtype);
  switch (dtype) {
    case DType::kF64:
      return put(static_cast<double>(fits), to);
    case DType::kF32:
      return put(static_cast<float>(fits), to);
    case DType::kF16:
      return put(to_half(static_cast<float>(fits)), to);
    case DType::kBF16:
      return put(to_bfloat16(static_cast<float>(fits)), to);
    case DType::kI64:
      return put(static_cast<int64_t>(fits), to);
    case DType::kI32:
      return put(static_cast<int32_t>(fits), to);
    case DType::kI16:
      return put(static_cast<int16_t>(fits), to);
    case DType::kI8:
      return put(static_cast<int8_t>(fits), to);
    case DType::kU8:
    case DType::kBool:
      return put(static_cast<uint8_t>(fits), to);
  }
}

void random_element(std::mt19937_64& random, DType dtype, Fill fill, std::byte* to) {
  bool edge = fill.edges && random() % 8 == 0;
  if (dtype == DType::kBool) return put(static_cast<uint8_t>(random() % 2), to);
  if (is_float(dtype)) {
    double unit = static_cast<double>(random() >> 11) * 0x1p-53;
    return store_element(edge ? edge_float(random, dtype) : fill.low + unit * (fill.high - fill.low), dtype, to);
  }
  int64_t low = dtype == DType::kU8 ? std::max<int64_t>(0, std::lround(fill.low)) : std::lround(fill.low);
  int64_t high = std::max<int64_t>(low, std::lround(fill.high));
  int64_t value = low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
  store_element(static_cast<Number>(edge ? edge_integer(random, dtype) : value), dtype, to);
}

bool close(Number got, Number want, Number scale, double units, DType dtype, DType computed) {
  if (std::isnan(want)) return std::isnan(got);
  if (got == want) return true;
  if (!is_float(dtype) || std::isnan(got)) return false;
  Number tolerance = units * epsilon(computed) * std::max(std::abs(scale), std::abs(want));
  if (units > 0 || computed != dtype) tolerance += 2 * epsilon(dtype) * std::abs(want);
  if (units > 0) tolerance += dtype == DType::kF16 ? 0x1p-24 : dtype == DType::kF64 ? 0x1p-1022 : 0x1p-126;
  if (std::isfinite(got) && std::isfinite(want)) return std::abs(got - want) <= tolerance;
  // One side overflowed: fair only where the other is within tolerance of the largest value.
  Number finite = std::isfinite(got) ? got : want, infinite = std::isfinite(got) ? want : got;
  return std::isinf(infinite) && (finite > 0) == (infinite > 0) &&
         std::isinf(stored(finite + std::copysign(tolerance, finite), dtype));
}

Bench::Bench(OpenDevice& device, uint64_t seed) : random(seed * 0x9E3779B97F4A7C15ull + 1), device_(device) {}

Bench::~Bench() {
  for (const auto& [id, image] : images_) device_.stream().release({id});
}

int64_t Bench::uniform(int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}

bool Bench::chance(double probability) {
  return static_cast<double>(random() >> 11) * 0x1p-53 < probability;
}

int64_t Bench::size(int64_t most, bool empty) {
  if (empty && chance(0.02)) return 0;
  if (chance(0.15)) return 1;
  return chance(0.7) ? uniform(1, std::min<int64_t>(most, 6)) : uniform(1, most);
}

Shape Bench::shape(int low_rank, int high_rank, int64_t most, bool empty) {
  Shape sizes(uniform(low_rank, high_rank));
  for (int64_t& each : sizes) each = size(most, empty);
  return sizes;
}

TensorView Bench::place(TensorView view, int64_t below, int64_t span, bool as_output, Fill fill) {
  int64_t bytes = size_of(view.dtype), lead = uniform(0, 3), tail = uniform(0, 3);
  int64_t elements = lead + span + tail + 1;
  view.offset = (lead + below) * bytes;
  view.buffer = device_.stream().create(elements * bytes);
  auto& image = images_[view.buffer.value];
  image.assign(elements * bytes, kUntouched);
  if (!as_output)
    for (int64_t i = 0; i < elements; ++i) random_element(random, view.dtype, fill, image.data() + i * bytes);
  return view;
}

TensorView Bench::input(DType dtype, std::span<const int64_t> sizes, Fill fill, Layout layout) {
  TensorView view = contiguous_view({}, dtype, sizes);
  int64_t below = 0, span = 1;
  bool plain = chance(0.4);
  std::vector<int> order(sizes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::reverse(order.begin(), order.end());
  if (!plain && chance(0.5)) std::shuffle(order.begin(), order.end(), random);
  for (int axis : order) {
    int64_t size = sizes[axis], step = plain || chance(0.8) ? 1 : 2;
    if (!plain && layout == Layout::kAny && chance(0.12)) {
      view.strides[axis] = 0;
      continue;
    }
    bool flipped = !plain && layout == Layout::kAny && chance(0.1);
    view.strides[axis] = flipped ? -span * step : span * step;
    if (flipped) below += std::max<int64_t>(size - 1, 0) * span * step;
    span *= std::max<int64_t>(size, 1) * step;
  }
  view = place(view, below, span, false, fill);
  const auto& image = images_[view.buffer.value];
  device_.stream().write(view.buffer, 0, image.data(), static_cast<int64_t>(image.size()));
  return view;
}

TensorView Bench::output(DType dtype, std::span<const int64_t> sizes) {
  TensorView view = contiguous_view({}, dtype, sizes);
  int64_t span = 1;
  bool plain = chance(0.5);
  std::vector<int> order(sizes.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::reverse(order.begin(), order.end());
  if (!plain && chance(0.5)) std::shuffle(order.begin(), order.end(), random);
  for (int axis : order) {
    int64_t step = plain || chance(0.85) ? 1 : 2;
    view.strides[axis] = span * step;
    span *= std::max<int64_t>(sizes[axis], 1) * step;
  }
  view = place(view, 0, span, true, {});
  const auto& image = images_[view.buffer.value];
  device_.stream().write(view.buffer, 0, image.data(), static_cast<int64_t>(image.size()));
  return view;
}

TensorView Bench::input(DType dtype, const Array& values) {
  TensorView view = place(contiguous_view({}, dtype, values.shape), 0, std::max<int64_t>(values.size(), 1), false, {});
  auto& image = images_[view.buffer.value];
  for (int64_t i = 0; i < values.size(); ++i)
    store_element(values.data[i], dtype, image.data() + view.offset + i * size_of(dtype));
  device_.stream().write(view.buffer, 0, image.data(), static_cast<int64_t>(image.size()));
  return view;
}

TensorView Bench::laid_out(DType dtype, const Array& values) {
  TensorView view = input(dtype, values.shape, {}, Layout::kForward);
  auto& image = images_[view.buffer.value];
  size_t i = 0;
  for_each_element(view,
                   [&](const auto&, int64_t offset) { store_element(values.data[i++], dtype, image.data() + offset); });
  device_.stream().write(view.buffer, 0, image.data(), static_cast<int64_t>(image.size()));
  return view;
}

Array Bench::load(const TensorView& view) const {
  Array result(view.shape());
  const auto& image = images_.at(view.buffer.value);
  size_t i = 0;
  for_each_element(view, [&](const auto&, int64_t offset) {
    const std::byte* at = image.data() + offset;
    result.data[i++] =
        view.dtype == DType::kI64 ? static_cast<Number>(load_as<int64_t>(at)) : Number{load_double(at, view.dtype)};
  });
  return result;
}

std::vector<std::byte> Bench::read(BufferId buffer) {
  std::vector<std::byte> bytes(images_.at(buffer.value).size());
  device_.stream().read(buffer, 0, bytes.data(), static_cast<int64_t>(bytes.size()));
  return bytes;
}

void Bench::compare(const Expected& expected, const std::vector<std::byte>& bytes, const std::string& text) {
  size_t i = 0, wrong = 0;
  DType computed = expected.computed == DType::kBool ? accumulator(expected.view.dtype) : expected.computed;
  std::string first;
  const TensorView& view = expected.view;
  ASSERT_EQ(expected.value.size(), view.numel()) << "the reference gives another size";
  for_each_element(view, [&](const auto& at, int64_t offset) {
    size_t number = i++;
    if (expected.elements >= 0 && static_cast<int64_t>(number) >= expected.elements) return;
    const std::byte* from = bytes.data() + offset;
    Number got =
        view.dtype == DType::kI64 ? static_cast<Number>(load_as<int64_t>(from)) : Number{load_double(from, view.dtype)};
    Number want = stored(expected.value.data[number], view.dtype);
    Number scale = expected.scale.data.empty() ? want : expected.scale.data[number];
    if (close(got, want, scale, expected.units, view.dtype, computed)) return;
    if (got == 0 && !keeps_denormals() && std::abs(want) < smallest_normal(computed)) return;
    if (wrong++ == 0)
      first = concat(std::setprecision(17), "at ", shape_text({at.data(), view.rank}), ": got ", got,
                     ", the reference ", want, ", scale ", scale);
  });
  EXPECT_EQ(wrong, 0u) << "of " << view.numel() << " elements of " << to_string(view) << " differ; " << first << "\n"
                       << text;
}

void Bench::run(const std::function<void()>& record, const std::string& text, const std::vector<Expected>& expected,
                const std::vector<TensorView>& written, bool works) {
  device_.stream().wait();
  uint64_t dispatches = device_.device().dispatches(), on_host = host_operations();
  try {
    record();
    device_.stream().wait();
  } catch (const Error& error) {
    ADD_FAILURE() << error.what() << "\n" << text;
    return;
  }
  bool left_to_host = host_operations() > on_host;
  if (left_to_host) {
    EXPECT_EQ(std::ranges::count(device_.properties().features, "f64"), 0) << "the host ran it\n" << text;
  } else if (works && !is_cpu()) {
    EXPECT_GT(device_.device().dispatches(), dispatches) << "no kernel was sent to the device\n" << text;
  }
  std::unordered_map<uint64_t, std::vector<std::byte>> after;
  for (const auto& [id, image] : images_) after[id] = read({id});
  for (const Expected& each : expected) compare(each, after.at(each.view.buffer.value), text);
  auto covered = images_;
  for (const TensorView& view : written)
    for_each_element(view, [&](const auto&, int64_t offset) {
      std::memcpy(covered[view.buffer.value].data() + offset, after[view.buffer.value].data() + offset,
                  static_cast<size_t>(size_of(view.dtype)));
    });
  for (const auto& [id, bytes] : covered)
    EXPECT_EQ(std::memcmp(bytes.data(), after[id].data(), bytes.size()), 0)
        << "bytes outside the outputs changed in @" << BufferId{id}.slot() << "\n"
        << text;
  images_ = std::move(after);
}

void Bench::adopt(const TensorView& view, const Array& value) {
  auto bytes = read(view.buffer);
  compare({.view = view, .value = value}, bytes, "");
  auto& image = images_.at(view.buffer.value);
  for_each_element(view, [&](const auto&, int64_t offset) {
    std::memcpy(image.data() + offset, bytes.data() + offset, static_cast<size_t>(size_of(view.dtype)));
  });
  EXPECT_EQ(bytes, image) << "bytes outside " << to_string(view) << " changed";
}

std::string Bench::error_text(const std::function<void()>& record) {
  try {
    record();
    device_.stream().wait();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

double sum_units(int64_t terms) {
  return 8 + std::sqrt(static_cast<double>(terms));
}

DType any_dtype(Bench& bench) {
  return kAllDTypes[bench.uniform(0, kDTypeCount - 1)];
}
DType float_dtype(Bench& bench) {
  return kAllDTypes[bench.uniform(0, 3)];
}

int rounds_factor() {
  static const int factor = std::max(1, std::atoi(environment("LINESHAFT_CONFORMANCE_ROUNDS").value_or("1").c_str()));
  return factor;
}

uint64_t first_seed() {
  static const uint64_t seed =
      std::strtoull(environment("LINESHAFT_CONFORMANCE_SEED").value_or("1").c_str(), nullptr, 10);
  return seed;
}

std::vector<std::string> device_ids() {
  std::vector<std::string> ids;
  for (const DeviceProperties& device : enumerate_devices().devices) ids.push_back(device.id());
  return ids;
}

void Conformance::TearDownTestSuite() {
  open_devices().clear();
}

void Conformance::rounds(int count, const std::function<void(Bench&)>& one) {
  auto& device = open_devices()[GetParam()];
  if (!device) {
    StreamOptions options = StreamOptions::from_environment();
    options.validate = true;
    device = open_device(GetParam(), options);
  }
  for (int i = 0; i < count * rounds_factor(); ++i) {
    uint64_t seed = first_seed() + static_cast<uint64_t>(i);
    SCOPED_TRACE(concat("LINESHAFT_CONFORMANCE_SEED=", seed));
    Bench bench(*device, seed);
    one(bench);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Conformance, testing::ValuesIn(device_ids()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace lineshaft::conformance
