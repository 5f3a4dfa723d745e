// File descriptors that close themselves, and memory that is mapped from them.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "base/command_export.h"

namespace lineshaft {

class LINESHAFT_COMMAND_EXPORT Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset() noexcept;
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// Shared memory that is mapped for reading and writing; the destructor unmaps it.
class Mapping {
 public:
  Mapping() = default;
  // Maps `size` bytes of the file from `offset` on, which is a multiple of the page size. Throws Error(kOutOfMemory).
  Mapping(const Descriptor& file, size_t size, size_t offset = 0);
  ~Mapping();
  Mapping(Mapping&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  std::span<std::byte> bytes() const { return bytes_; }

 private:
  std::span<std::byte> bytes_;
};

// Anonymous memory of `size` bytes that other processes can map. It is sealed against a change of its size, because a
// peer that truncated it would crash the process that reads it.
Descriptor make_shared_memory(const char* name, size_t size);
// Throws Error(kProtocol) unless the file is such memory, of at least `size` bytes.
void require_sealed(const Descriptor& file, size_t size);

// A descriptor that becomes readable when it is rung (an eventfd).
Descriptor make_doorbell();
// May be called from any thread and from a signal handler.
void ring_doorbell(const Descriptor& bell) noexcept;

// The text for errno, such as "No such file or directory".
std::string system_error();

}  // namespace lineshaft
