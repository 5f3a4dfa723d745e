// What the frames say. Each message lists its fields once, in order; encode and decode are visitors over that list.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "commands/bytes.h"
#include "lineshaft/base/hash.h"

namespace lineshaft::wire {

// Of the frames and messages; the operations have a hash of their own.
inline constexpr uint32_t kProtocolVersion = 1;

// The first two fields of Hello and Welcome stay where they are in every version, so that two sides can always name
// the other's.
struct Hello {
  std::string magic = "lineshaft";
  uint32_t protocol = kProtocolVersion;
  std::string release;  // "0.1.0"
  Hash128 catalogue;    // commands/codec.h: catalogue_hash()
  std::string client;   // for logs: "python3, pid 42"

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.magic);
    v(self.protocol);
    v(self.release);
    v(self.catalogue.low);
    v(self.catalogue.high);
    v(self.client);
  }
};

// A lent device. The enumerations travel as numbers and are checked by whoever reads them.
struct DeviceInfo {
  std::string name, driver;
  uint8_t device_class = 0;  // DeviceClass
  std::string uuid;          // 16 bytes
  int64_t memory = 0;        // that this guest may take
  int32_t threads = 0;
  std::vector<std::string> features;
  int32_t max_views = 0, max_instructions = 0;  // FusionLimits

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.name);
    v(self.driver);
    v(self.device_class);
    v(self.uuid);
    v(self.memory);
    v(self.threads);
    v(self.features);
    v(self.max_views);
    v(self.max_instructions);
  }
};

struct Welcome {
  std::string magic = "lineshaft";
  uint32_t protocol = kProtocolVersion;
  std::string release;
  Hash128 catalogue;
  std::string environment;  // platform/environment.h: environment_identity() of the server
  std::vector<DeviceInfo> devices;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.magic);
    v(self.protocol);
    v(self.release);
    v(self.catalogue.low);
    v(self.catalogue.high);
    v(self.environment);
    v(self.devices);
  }
};

struct Open {
  uint32_t device = 0;  // its number in Welcome

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.device);
  }
};

struct Opened {
  uint64_t session = 0;  // for logs on both sides
  int64_t limit = 0;     // Executor::limit()

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.session);
    v(self.limit);
  }
};

struct Read {
  static constexpr uint64_t kNoWindow = ~uint64_t{0};
  uint64_t buffer = 0;
  int64_t offset = 0, size = 0;  // bytes
  uint64_t window = kNoWindow;   // where in the window the bytes are put; kNoWindow: they come as kData

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.buffer);
    v(self.offset);
    v(self.size);
    v(self.window);
  }
};

// Everything up to a ticket is done.
struct Completed {
  uint64_t ticket = 0;
  int64_t reserved = 0, in_use = 0;  // ExecutorMemory
  int64_t limit = 0;                 // Executor::limit()
  uint64_t dispatches = 0;           // Device::dispatches()
  std::vector<int64_t> events;       // nanoseconds at which the events since the last message were reached

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.ticket);
    v(self.reserved);
    v(self.in_use);
    v(self.limit);
    v(self.dispatches);
    v(self.events);
  }
};

// An error: of an operation (kFailed), or the one that ends the session (kEnd).
struct Failure {
  uint8_t code = 0;  // ErrorCode
  std::string text;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& v) {
    v(self.code);
    v(self.text);
  }
};

inline constexpr size_t kMaxText = 4096;                // bytes of a text field
inline constexpr size_t kMaxMessage = size_t{1} << 20;  // bytes

struct MessageWriter {
  ByteWriter& out;
  void operator()(const std::string& text) { out.text(std::string_view(text).substr(0, kMaxText)); }
  template <class T>
  void operator()(const std::vector<T>& items) {
    out.number(static_cast<uint32_t>(items.size()));
    for (const T& item : items) (*this)(item);
  }
  template <class T>
  void operator()(const T& field) {
    if constexpr (std::is_arithmetic_v<T>)
      out.number(field);
    else
      T::fields(field, *this);
  }
};

struct MessageReader {
  ByteReader& in;
  void operator()(std::string& text) { text = in.text(kMaxText); }
  template <class T>
  void operator()(std::vector<T>& items) {
    items.resize(in.count(sizeof(T) < 8 ? sizeof(T) : 4));
    for (T& item : items) (*this)(item);
  }
  template <class T>
  void operator()(T& field) {
    if constexpr (std::is_arithmetic_v<T>)
      field = in.number<T>();
    else
      T::fields(field, *this);
  }
};

template <class Message>
void encode(const Message& message, ByteWriter& out) {
  Message::fields(message, MessageWriter{out});
}

// Throws Error(kProtocol) where the bytes are no such message or more than one.
template <class Message>
Message decode(std::span<const std::byte> bytes) {
  if (bytes.size() > kMaxMessage)
    fail(ErrorCode::kProtocol, "a message of ", bytes.size(), " bytes; the limit is ", kMaxMessage);
  ByteReader in(bytes);
  Message message;
  Message::fields(message, MessageReader{in});
  if (in.left()) fail(ErrorCode::kProtocol, in.left(), " bytes are left over after a message");
  return message;
}

}  // namespace lineshaft::wire
