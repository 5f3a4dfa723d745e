// Every message: bytes that decode encode to the same bytes again.
#include <cstdlib>

#include "wire/messages.h"

namespace {

using namespace lineshaft;
using namespace lineshaft::wire;

template <class Message>
void round(std::span<const std::byte> bytes) {
  ByteWriter again;
  encode(decode<Message>(bytes), again);
  if (again.bytes.size() != bytes.size() || std::memcmp(again.bytes.data(), bytes.data(), bytes.size()) != 0)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  auto bytes = std::as_bytes(std::span(data, size)).subspan(1);
  try {
    switch (data[0] % 8) {
      case 0:
        round<Hello>(bytes);
        break;
      case 1:
        round<Welcome>(bytes);
        break;
      case 2:
        round<Open>(bytes);
        break;
      case 3:
        round<Opened>(bytes);
        break;
      case 4:
        round<Read>(bytes);
        break;
      case 5:
        round<Completed>(bytes);
        break;
      case 6:
        round<Failure>(bytes);
        break;
      default:
        round<DeviceInfo>(bytes);
    }
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kProtocol) std::abort();
  }
  return 0;
}
