// Every operation of the catalogue at 70,000 and 300,001 elements along each axis over which it loops, and over
// products of axes.
#include "conformance/axes.h"

#include <map>
#include <set>

namespace lineshaft::conformance {
namespace {

AxesTable table_of(int64_t length) {
  AxesTable table;
  add_reductions(table, length);
  add_products(table, length);
  add_windows(table, length);
  add_indexed(table, length);
  add_resampling(table, length);
  add_linear(table, length);
  return table;
}

AxesTable areas() {
  AxesTable table;
  add_areas(table);
  return table;
}

// On the device against the CPU backend.
void run_all(const AxesTable& table, const std::string& id) {
  auto device = open_device(id, {.validate = true}), cpu = open_device("cpu:0", {.validate = true});
  if (device->properties().device_class == DeviceClass::kCpu)
    GTEST_SKIP() << "the CPU backend is what is compared with";
  for (const AxesCase& each : table.cases()) {
    SCOPED_TRACE(concat(name_of(each.kind), ": ", each.what));
    try {
      Trial here(*device), there(*cpu);
      each.run(here);
      each.run(there);
      here.compare(there);
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

// A new operation gets its cases in axes_*.cc.
TEST(ConformanceAxes, EveryOperationHasCases) {
  for (int64_t length : {70'000, 300'001}) {
    std::set<OpKind> kinds;
    AxesTable table = table_of(length);
    for (const AxesCase& each : table.cases()) kinds.insert(each.kind);
#define LINESHAFT_OPERATION(Type, name) \
  EXPECT_TRUE(kinds.contains(OpTraits<Type>::kind)) << #name << " has no case of " << length << " elements";
#include "lineshaft/ops/catalogue.def"
  }
}

TEST_P(Conformance, AxesOf70000Elements) {
  run_all(table_of(70'000), GetParam());
}
TEST_P(Conformance, AxesOf300001ElementsLong) {
  run_all(table_of(300'001), GetParam());
}
TEST_P(Conformance, AreasOfManyElements) {
  run_all(areas(), GetParam());
}

}  // namespace
}  // namespace lineshaft::conformance
