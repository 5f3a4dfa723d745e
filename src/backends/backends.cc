#include "lineshaft/base/error.h"
#include "lineshaft/device/device.h"

namespace lineshaft {

#define LINESHAFT_BACKEND(name)            \
  namespace name {                         \
  std::unique_ptr<Backend> make_backend(); \
  }
#include "backends/backends.def"

namespace {

std::vector<std::unique_ptr<Backend>>& table() {
  static auto* list = [] {
    auto* made = new std::vector<std::unique_ptr<Backend>>;
#define LINESHAFT_BACKEND(name) made->push_back(name::make_backend());
#include "backends/backends.def"
    return made;
  }();
  return *list;
}

}  // namespace

void register_backend(std::unique_ptr<Backend> backend) {
  table().push_back(std::move(backend));
}

const std::vector<std::unique_ptr<Backend>>& backends() {
  return table();
}

Backend& backend_named(std::string_view name) {
  for (const auto& backend : backends())
    if (backend->name() == name) return *backend;
  fail(ErrorCode::kInternal, "no backend is named ", name);
}

std::unique_ptr<Device> open_host_device() {
  for (const auto& backend : backends())
    if (backend->is_host()) return backend->open(0);
  fail(ErrorCode::kInternal, "no backend is the host's");
}

}  // namespace lineshaft
