#include "cdi/libraries.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "platform/files.h"

namespace lineshaft::cdi {
namespace {

constexpr int kMostIncludes = 8;  // deep

// The words of a file that is made of lines, without comments.
std::vector<std::vector<std::string>> lines_of(const std::string& text) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> found;
    for (std::string word; words >> word;) found.push_back(word);
    if (!found.empty()) lines.push_back(found);
  }
  return lines;
}

// Files that the pattern names; only its last part may hold * and ?, as in every ld.so.conf that is met.
std::vector<std::string> matching(const Root& root, const std::string& pattern) {
  std::string path = pattern.starts_with('/') ? pattern : "/etc/" + pattern;
  size_t slash = path.rfind('/');
  std::string folder = path.substr(0, slash), last = path.substr(slash + 1);
  std::vector<std::string> found;
  for (const std::string& name : root.names(folder))
    if (name_matches(last, name)) found.push_back(folder + "/" + name);
  return found;
}

void add_configured(const Root& root, const std::string& file, int depth, std::vector<std::string>& folders) {
  if (depth > kMostIncludes) return;
  for (const auto& words : lines_of(root.read(file))) {
    if (words[0] == "include") {
      for (size_t i = 1; i < words.size(); ++i)
        for (const std::string& included : matching(root, words[i])) add_configured(root, included, depth + 1, folders);
    } else if (words[0].starts_with('/')) {
      folders.push_back(words[0]);
    }
  }
}

// The fifth byte of an ELF file says its word size.
bool is_64_bit(const Root& root, const std::string& path) {
  std::string head = root.read(path, 5);
  return head.starts_with(
             "\x7f"
             "ELF") &&
         head.size() == 5 && head[4] == 2;
}

std::string stem(const std::string& name) {
  return name.substr(0, name.find(".so"));
}

}  // namespace

std::vector<std::string> library_folders(const Root& root) {
  std::vector<std::string> sought;
  add_configured(root, "/etc/ld.so.conf", 0, sought);
  for (const char* triplet : {"x86_64-linux-gnu", "aarch64-linux-gnu"})
    for (const char* end : {"", "/nvidia/current"}) sought.push_back(std::string("/usr/lib/") + triplet + end);
  for (const char* folder : {"/lib64", "/usr/lib64", "/lib", "/usr/lib", "/run/opengl-driver/lib"})
    sought.emplace_back(folder);
  std::vector<std::string> folders;
  for (const std::string& folder : sought) {
    if (!root.is_folder(folder)) continue;
    std::string real = *root.resolve(folder);
    if (std::ranges::find(folders, real) == folders.end()) folders.push_back(real);
  }
  return folders;
}

std::vector<Library> find_libraries(const Root& root, const std::vector<std::string>& folders,
                                    const std::string& ending) {
  std::vector<Library> found;
  std::set<std::string> taken;
  for (const std::string& folder : folders) {
    const std::vector<std::string> names = root.names(folder, "lib");
    for (const std::string& name : names) {
      if (!name.ends_with(ending)) continue;
      auto real = root.resolve(folder + "/" + name);
      if (!real || !is_64_bit(root, *real) || !taken.insert(name).second) continue;
      Library library{*real, {name}};
      for (const std::string& other : names)
        if (stem(other) == stem(name) && other != name && root.resolve(folder + "/" + other) == real &&
            taken.insert(other).second)
          library.names.push_back(other);
      found.push_back(library);
    }
  }
  return found;
}

}  // namespace lineshaft::cdi
