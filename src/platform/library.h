// Shared libraries that are opened at run time, so that a program can start without them.
#pragma once

#include <utility>

#include "base/command_export.h"

namespace lineshaft {

class LINESHAFT_COMMAND_EXPORT SharedLibrary {
 public:
  SharedLibrary() = default;
  // Opens the library that the system's loader finds by this name. The object converts to false where there is none.
  explicit SharedLibrary(const char* name) noexcept;
  ~SharedLibrary();  // closes it
  SharedLibrary(SharedLibrary&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  SharedLibrary& operator=(SharedLibrary&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  explicit operator bool() const { return handle_ != nullptr; }

  // The library's function of that name as a pointer of this type; null where it has none.
  template <class Function>
  Function function(const char* name) const {
    return reinterpret_cast<Function>(address(name));
  }
  // Leaves it open until the process ends.
  void keep() noexcept { handle_ = nullptr; }

 private:
  void* address(const char* name) const;

  void* handle_ = nullptr;
};

}  // namespace lineshaft
