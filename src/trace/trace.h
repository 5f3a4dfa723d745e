// Traces: what a stream was asked to do, as a file that can be printed, replayed and compared. LINESHAFT_TRACE=path
// makes every stream write what it executes, before fusion, uploads included. docs/formats/trace.md describes the
// bytes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "base/command_export.h"
#include "commands/codec.h"

namespace lineshaft {

// Lists go to the file as they are added; a trace that ends early is whole up to its last list.
class LINESHAFT_COMMAND_EXPORT TraceWriter {
 public:
  // `device` names what ran, for readers. Throws Error(kInvalidArgument) when the file cannot be made.
  TraceWriter(const std::string& path, const std::string& device);
  void add(const CommandList& list);

  // The writer of a stream that is asked for at `path`; null for no path. The process's first such stream writes to the
  // path itself, later ones to path.1, path.2, ...
  static std::unique_ptr<TraceWriter> of_stream(const std::string& path, const std::string& device);

  // Throws what a writer for that path would, as far as can be told without touching what is there.
  static void require_writable(const std::string& path);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void write(const ByteWriter& bytes);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  Encoder encoder_;
  ByteWriter buffer_;
};

// Throws Error(kProtocol) for bytes that are no trace, or one of another catalogue.
class LINESHAFT_COMMAND_EXPORT TraceReader {
 public:
  explicit TraceReader(const std::string& path);

  const std::string& device() const { return device_; }
  // Reads the next list; false at the end. Lists are well formed as data; replay and compare also validate them.
  bool next(CommandList& list);

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  void read(void* to, size_t size);

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  uint64_t left_ = 0;  // bytes of the file not yet read
  std::string device_;
  Decoder decoder_;
};

}  // namespace lineshaft
