// Errors. Everything in Lineshaft reports failure by throwing lineshaft::Error. The text says what is wrong, the value
// beside the limit, and what to do; the code says which kind it is, so that a frontend can raise its own exception.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "lineshaft/base/export.h"

namespace lineshaft {

enum class ErrorCode {
  kInvalidArgument,  // shapes, dtypes, views or parameters that an operation does not take
  kOutOfMemory,      // an allocation exceeds the device's budget or the memory that there is
  kIndex,            // an index outside its bound, found by the device
  kUnsupported,      // the device lacks a feature
  kDeviceLost,       // final: what waits for the device fails from now on, until it is opened anew
  kProtocol,         // malformed bytes from a file or a peer
  kInternal,         // a defect of Lineshaft
};

class LINESHAFT_EXPORT Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& text) : std::runtime_error(text), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

template <class... Parts>
std::string concat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

template <class... Parts>
[[noreturn]] void fail(ErrorCode code, const Parts&... parts) {
  throw Error(code, concat(parts...));
}

}  // namespace lineshaft

// Throws Error(kInvalidArgument) with the concatenated parts unless `condition` holds.
#define LS_REQUIRE(condition, ...)                                              \
  do {                                                                          \
    if (!(condition)) [[unlikely]]                                              \
      ::lineshaft::fail(::lineshaft::ErrorCode::kInvalidArgument, __VA_ARGS__); \
  } while (false)
