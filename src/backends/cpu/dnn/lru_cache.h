// A bounded cache whose keys are bytes; the least recently used entry is removed first.
#pragma once

#include <cstring>
#include <list>
#include <string>
#include <type_traits>
#include <unordered_map>

namespace lineshaft::cpu {

template <class Value>
class LruCache {
 public:
  explicit LruCache(size_t capacity) : capacity_(capacity) {}

  // The entry of `key`, which `make` creates where there is none. The reference is valid until `capacity` other entries
  // have been used.
  template <class Make>
  Value& get(std::string_view key, Make&& make) {
    auto found = index_.find(key);
    if (found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->value;
    }
    entries_.push_front({std::string(key), make()});
    index_.emplace(entries_.front().key, entries_.begin());
    if (entries_.size() > capacity_) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
    return entries_.front().value;
  }

  size_t size() const { return entries_.size(); }
  void clear() {
    index_.clear();
    entries_.clear();
  }

 private:
  struct Entry {
    std::string key;
    Value value;
  };
  size_t capacity_;
  std::list<Entry> entries_;
  std::unordered_map<std::string_view, typename std::list<Entry>::iterator> index_;
};

// The bytes of a key. The capacity is fixed, so that nothing is allocated.
class KeyBytes {
 public:
  template <class T>
  KeyBytes& add(const T& value) {
    static_assert(std::has_unique_object_representations_v<T>);
    std::memcpy(bytes_ + size_, &value, sizeof value);
    size_ += sizeof value;
    return *this;
  }
  template <class T>
  KeyBytes& add(const T* values, size_t count) {
    for (size_t i = 0; i < count; ++i) add(values[i]);
    return *this;
  }
  std::string_view view() const { return {bytes_, size_}; }

 private:
  char bytes_[1024];
  size_t size_ = 0;
};

}  // namespace lineshaft::cpu
