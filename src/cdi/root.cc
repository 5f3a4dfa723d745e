#include "cdi/root.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>

#include "cdi/names.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cdi {
namespace {

namespace files = std::filesystem;

constexpr int kMostLinks = 40;  // as the kernel has it

void add_parts(std::deque<std::string>& parts, const std::string& path) {
  std::deque<std::string> more;
  for (const files::path& part : files::path(path))
    if (part != "/" && !part.empty() && part != ".") more.push_back(part);
  parts.insert(parts.begin(), more.begin(), more.end());
}

}  // namespace

Root::Root(const std::string& folder) : folder_(folder) {
  while (!folder_.empty() && folder_.back() == '/') folder_.pop_back();
  std::error_code ignored;
  LS_REQUIRE(folder_.empty() || files::is_directory(folder_, ignored), "the root \"", folder, "\" is not a folder");
}

std::optional<std::string> Root::resolve(const std::string& path) const {
  std::deque<std::string> parts;
  add_parts(parts, path);
  std::string at;
  for (int links = 0; !parts.empty();) {
    std::string part = parts.front();
    parts.pop_front();
    if (part == "..") {
      at.erase(std::min(at.rfind('/'), at.size()));
      continue;
    }
    std::error_code error;
    std::string next = at + "/" + part;
    auto status = files::symlink_status(folder_ + next, error);
    if (error || !files::exists(status)) return std::nullopt;
    if (!files::is_symlink(status)) {
      at = next;
      continue;
    }
    if (++links > kMostLinks) return std::nullopt;
    files::path target = files::read_symlink(folder_ + next, error);
    if (error) return std::nullopt;
    if (target.is_absolute()) at.clear();
    add_parts(parts, target);
  }
  return at.empty() ? "/" : at;
}

bool Root::is_folder(const std::string& path) const {
  std::error_code ignored;
  auto real = resolve(path);
  return real && files::is_directory(folder_ + *real, ignored);
}

std::vector<std::string> Root::names(const std::string& folder, const std::string& start) const {
  std::vector<std::string> found;
  std::error_code ignored;
  if (auto real = resolve(folder))
    for (const auto& entry : files::directory_iterator(folder_ + *real, ignored))
      if (entry.path().filename().string().starts_with(start)) found.push_back(entry.path().filename());
  std::ranges::sort(found, natural_less);
  return found;
}

std::string Root::read(const std::string& path, size_t most) const {
  auto real = resolve(path);
  if (!real) return "";
  std::ifstream file(folder_ + *real, std::ios::binary);
  std::string text(most, '\0');
  file.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

bool natural_less(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    size_t m = i, n = j;
    while (m < a.size() && is_digit(a[m])) ++m;
    while (n < b.size() && is_digit(b[n])) ++n;
    if (m - i != n - j) return m - i < n - j;
    int order = a.compare(i, m - i, b, j, n - j);
    if (order != 0) return order < 0;
    i = m, j = n;
  }
  return a.size() - i < b.size() - j;
}

}  // namespace lineshaft::cdi
