// A vector of trivially copyable elements that stores up to N of them inside the object. It is for short lists that are
// made and dropped at every operation, where an allocation would cost more than the work.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace lineshaft {

template <class T, size_t N>
class InlineVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  InlineVector() = default;
  // `count` elements of the value T().
  explicit InlineVector(size_t count) { resize(count); }
  template <class Iterator>
  InlineVector(Iterator begin, Iterator end) {
    assign(begin, end);
  }
  InlineVector(const InlineVector& other) { assign(other.begin(), other.end()); }
  InlineVector(InlineVector&& other) noexcept { take(other); }
  InlineVector& operator=(const InlineVector& other) {
    if (this != &other) assign(other.begin(), other.end());
    return *this;
  }
  InlineVector& operator=(InlineVector&& other) noexcept {
    if (this != &other) take(other);
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return heap_ ? heap_.get() : inline_; }
  const T* data() const { return heap_ ? heap_.get() : inline_; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](size_t i) { return data()[i]; }
  const T& operator[](size_t i) const { return data()[i]; }
  T& back() { return data()[size_ - 1]; }

  void push_back(const T& value) {
    T copy = value;  // `value` may be an element of this vector, which reserve() moves
    reserve(size_ + 1);
    data()[size_++] = copy;
  }
  // New elements have the value T().
  void resize(size_t count) {
    reserve(count);
    if (count > size_) std::fill(data() + size_, data() + count, T());
    size_ = count;
  }
  template <class Iterator>
  void assign(Iterator begin, Iterator end) {
    size_ = 0;
    auto count = static_cast<size_t>(end - begin);
    reserve(count);
    std::copy(begin, end, data());
    size_ = count;
  }
  void reserve(size_t count) {
    if (count <= capacity_) return;
    size_t capacity = std::max(count, capacity_ * 2);
    std::unique_ptr<T[]> larger(new T[capacity]);
    std::copy(begin(), end(), larger.get());
    heap_ = std::move(larger);
    capacity_ = capacity;
  }
  void clear() { size_ = 0; }

 private:
  void take(InlineVector& other) {
    heap_ = std::move(other.heap_);
    capacity_ = other.capacity_;
    size_ = other.size_;
    if (!heap_) std::copy(other.inline_, other.inline_ + size_, inline_);
    other.capacity_ = N;
    other.size_ = 0;
  }

  size_t size_ = 0, capacity_ = N;
  std::unique_ptr<T[]> heap_;
  T inline_[N];
};

}  // namespace lineshaft
