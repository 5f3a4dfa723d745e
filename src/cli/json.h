// Just enough JSON to print: objects and lists of strings and numbers, in the order given.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lineshaft::cli {

std::string json_string(const std::string& text);
// `fields`: names, and values that are JSON already.
std::string json_object(const std::vector<std::pair<std::string, std::string>>& fields);
std::string json_list(const std::vector<std::string>& values);

}  // namespace lineshaft::cli
