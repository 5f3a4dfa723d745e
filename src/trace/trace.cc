#include "trace/trace.h"

#include <atomic>
#include <cstring>

#include "platform/descriptor.h"
#include "platform/files.h"

namespace lineshaft {
namespace {

constexpr char kMagic[8] = {'L', 'S', 'T', 'R', 'A', 'C', 'E', '\n'};
constexpr uint32_t kVersion = 1;
constexpr uint32_t kDeviceLimit = 256;

void require_trace(bool able, const std::string& path) {
  LS_REQUIRE(able, "the trace ", path, " cannot be written: ", system_error());
}

}  // namespace

TraceWriter::TraceWriter(const std::string& path, const std::string& device)
    : path_(path), file_(std::fopen(path.c_str(), "wb")) {
  require_trace(file_ != nullptr, path);
  Hash128 hash = catalogue_hash();
  buffer_.raw(kMagic, sizeof kMagic);
  buffer_.number(kVersion);
  buffer_.number(hash.low);
  buffer_.number(hash.high);
  buffer_.text(std::string_view(device).substr(0, kDeviceLimit));
  write(buffer_);
}

void TraceWriter::add(const CommandList& list) {
  buffer_.bytes.clear();
  buffer_.number(uint64_t{0});  // the frame's size, known afterwards
  encoder_.encode(list, buffer_);
  uint64_t size = buffer_.bytes.size() - sizeof size;
  std::memcpy(buffer_.bytes.data(), &size, sizeof size);
  write(buffer_);
}

void TraceWriter::write(const ByteWriter& bytes) {
  size_t size = bytes.bytes.size();
  bool whole = std::fwrite(bytes.bytes.data(), 1, size, file_.get()) == size && std::fflush(file_.get()) == 0;
  require_trace(whole, path_);
}

std::unique_ptr<TraceWriter> TraceWriter::of_stream(const std::string& path, const std::string& device) {
  if (path.empty()) return nullptr;
  static std::atomic<int> streams = 0;
  int number = streams++;
  return std::make_unique<TraceWriter>(number ? concat(path, ".", number) : path, device);
}

void TraceWriter::require_writable(const std::string& path) {
  std::error_code error = check_writable(path);
  LS_REQUIRE(!error, "the trace ", path, " cannot be written: ", error.message());
}

TraceReader::TraceReader(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb")) {
  LS_REQUIRE(file_, "the trace ", path, " cannot be read: ", system_error());
  std::fseek(file_.get(), 0, SEEK_END);
  left_ = static_cast<uint64_t>(std::max(std::ftell(file_.get()), 0L));
  std::fseek(file_.get(), 0, SEEK_SET);
  char magic[sizeof kMagic];
  read(magic, sizeof magic);
  if (std::memcmp(magic, kMagic, sizeof magic) != 0) fail(ErrorCode::kProtocol, path, " is no Lineshaft trace");
  uint32_t version, size;
  Hash128 hash;
  read(&version, sizeof version);
  if (version != kVersion)
    fail(ErrorCode::kProtocol, path, " is a trace of version ", version, "; this Lineshaft reads version ", kVersion);
  read(&hash.low, sizeof hash.low);
  read(&hash.high, sizeof hash.high);
  if (hash != catalogue_hash())
    fail(ErrorCode::kProtocol, path, " was written with another catalogue of operations (", to_hex(hash), "; this is ",
         to_hex(catalogue_hash()), "); replay it with the Lineshaft that wrote it");
  read(&size, sizeof size);
  if (size > kDeviceLimit) fail(ErrorCode::kProtocol, path, ": a device's name has ", size, " bytes");
  device_.resize(size);
  read(device_.data(), size);
}

void TraceReader::read(void* to, size_t size) {
  if (size > left_ || std::fread(to, 1, size, file_.get()) != size)
    fail(ErrorCode::kProtocol, path_, " ends early: ", size, " bytes are announced, ", left_, " are left");
  left_ -= size;
}

bool TraceReader::next(CommandList& list) {
  if (left_ == 0) return false;
  uint64_t size;
  read(&size, sizeof size);
  if (size > left_)
    fail(ErrorCode::kProtocol, path_, " ends early: ", size, " bytes are announced, ", left_, " are left");
  Bytes bytes(size);
  read(bytes.data(), size);
  ByteReader in(bytes);
  decoder_.decode(in, list);
  if (in.left()) fail(ErrorCode::kProtocol, path_, ": ", in.left(), " bytes are left over after a list");
  return true;
}

}  // namespace lineshaft
