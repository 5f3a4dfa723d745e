#include <algorithm>

#include "fuzz/mutate.h"
#include "wire/frame.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t limit);

namespace lineshaft::fuzz {
namespace {

using wire::Frame;
using wire::FrameType;

std::vector<std::byte>& window() {
  static std::vector<std::byte> bytes(kWindow);
  return bytes;
}

// Whole frames; a tail that is none is dropped.
std::vector<Frame> frames_of(std::span<const std::byte> bytes) {
  std::vector<Frame> frames;
  while (bytes.size() >= wire::kFrameHeader) {
    uint32_t size = 0;
    uint16_t type = 0;
    std::memcpy(&size, bytes.data(), sizeof size);
    std::memcpy(&type, bytes.data() + 4, sizeof type);
    if (size > bytes.size() - wire::kFrameHeader) break;
    auto payload = bytes.subspan(wire::kFrameHeader, size);
    frames.push_back({static_cast<FrameType>(type), Bytes(payload.begin(), payload.end())});
    bytes = bytes.subspan(wire::kFrameHeader + size);
  }
  return frames;
}

size_t join(const std::vector<Frame>& frames, uint8_t* data, size_t limit) {
  size_t at = 0;
  for (const Frame& frame : frames) {
    auto header = wire::frame_header(frame.type, frame.payload.size());
    if (at + header.size() + frame.payload.size() > limit) break;
    std::memcpy(data + at, header.data(), header.size());
    if (!frame.payload.empty()) std::memcpy(data + at + header.size(), frame.payload.data(), frame.payload.size());
    at += header.size() + frame.payload.size();
  }
  return at;
}

// Decodes every list, changes one and encodes all of them again, numbered in order. False where one does not decode.
bool mutate_lists(std::vector<Frame>& frames, Random& random) {
  Decoder decoder;
  decoder.set_window(window());
  std::vector<std::unique_ptr<CommandList>> lists;
  std::vector<Frame*> places;
  try {
    for (Frame& frame : frames) {
      if (frame.type != FrameType::kList) continue;
      ByteReader in(frame.payload);
      in.number<uint64_t>();
      lists.push_back(std::make_unique<CommandList>());
      decoder.decode(in, *lists.back());
      places.push_back(&frame);
    }
  } catch (const Error&) {
    return false;
  }
  if (lists.empty()) return false;
  for (auto left = 1 + random() % 3; left > 0; --left) mutate(*lists[random() % lists.size()], random);
  Encoder encoder;
  encoder.set_window(window());
  for (size_t i = 0; i < lists.size(); ++i) {
    ByteWriter out;
    out.number(static_cast<uint64_t>(i + 1));
    encoder.encode(*lists[i], out);
    places[i]->payload = std::move(out.bytes);
  }
  return true;
}

void mutate_frames(std::vector<Frame>& frames, Random& random) {
  size_t at = random() % frames.size();
  switch (random() % 4) {
    case 0:
      frames.erase(frames.begin() + static_cast<ptrdiff_t>(at));
      return;
    case 1: {
      Frame copy = frames[at];
      frames.insert(frames.begin() + static_cast<ptrdiff_t>(random() % frames.size()), copy);
      return;
    }
    case 2:
      return std::swap(frames[at], frames[random() % frames.size()]);
    default: {
      Bytes& payload = frames[at].payload;
      size_t size = payload.size();
      payload.resize(size + 64);
      payload.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(payload.data()), size, payload.size()));
    }
  }
}

}  // namespace

size_t mutate_session(uint8_t* data, size_t size, size_t limit, unsigned seed) {
  Random random(seed);
  unsigned kind = static_cast<unsigned>(random() % 10);
  std::vector<Frame> frames = frames_of(std::as_bytes(std::span(data, size)));
  if (kind == 0 || frames.empty()) return LLVMFuzzerMutate(data, size, limit);
  if (kind < 3 || !mutate_lists(frames, random)) mutate_frames(frames, random);
  return join(frames, data, limit);
}

}  // namespace lineshaft::fuzz
