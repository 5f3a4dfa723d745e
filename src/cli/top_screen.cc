#include "cli/top_screen.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/printable.h"
#include "cli/text.h"
#include "lineshaft/base/error.h"

namespace lineshaft::cli {
namespace {

struct Column {
  std::string heading;
  int rank;  // the greater, the sooner it is left out
  bool right = false;
  std::vector<std::string> rows = {};

  size_t width() const {
    size_t most = cells(heading);
    for (const std::string& row : rows) most = std::max(most, cells(row));
    return most;
  }
};

std::string formatted(const char* format, double value) {
  char text[48];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string bar(double fraction) {
  constexpr size_t kWidth = 10;
  auto filled = static_cast<size_t>(std::lround(std::clamp(fraction, 0.0, 1.0) * kWidth));
  return concat("[", std::string(filled, '#'), std::string(kWidth - filled, ' '), "]");
}

std::string share_text(double fraction) {
  return bar(fraction) + formatted(" %3.0f %%", std::clamp(fraction, 0.0, 1.0) * 100);
}

std::string memory_text(int64_t used, int64_t limit) {
  double fraction = limit > 0 ? static_cast<double>(used) / static_cast<double>(limit) : 0;
  return concat(bar(fraction), " ", bytes_text(used), " of ", bytes_text(limit));
}

std::string count_text(double value) {
  if (value >= 1e6) return formatted("%.1fM", value * 1e-6);
  if (value >= 1e4) return formatted("%.1fk", value * 1e-3);
  return formatted("%.0f", value);
}

std::string megabytes_text(double value) {
  return formatted("%.1f", value * 1e-6);
}

std::string time_text(double seconds) {
  auto whole = static_cast<long>(seconds);
  char text[48];
  if (whole >= 86'400)
    std::snprintf(text, sizeof text, "%ldd %02ldh", whole / 86'400, whole / 3600 % 24);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

// How much a counter of the server went up in a second. One that went down belongs to another server.
template <class T>
double rate(T before, T now, double seconds) {
  return seconds > 0 && now > before ? static_cast<double>(now - before) / seconds : 0;
}

struct Guest {
  const SessionStatus* session;
  double share = 0, operations = 0, up = 0, down = 0;
};

std::vector<Guest> guests_of(const ServerStatus& before, const ServerStatus& now) {
  std::vector<Guest> guests;
  double seconds = now.time - before.time;
  for (const SessionStatus& session : now.sessions) {
    Guest guest{&session};
    auto old = std::ranges::find(before.sessions, session.number, &SessionStatus::number);
    SessionStatus none;
    const SessionStatus& was = old == before.sessions.end() ? none : *old;
    guest.share = rate(was.busy_seconds, session.busy_seconds, seconds);
    guest.operations = rate(was.operations, session.operations, seconds);
    guest.up = rate(was.uploaded, session.uploaded, seconds);
    guest.down = rate(was.downloaded, session.downloaded, seconds);
    guests.push_back(guest);
  }
  std::ranges::stable_sort(guests, [](const Guest& a, const Guest& b) { return a.share > b.share; });
  return guests;
}

std::vector<Column> device_columns(const ServerStatus& before, const ServerStatus& now) {
  std::vector<Column> columns = {{"DEVICE", 0}, {"NAME", 4},         {"BUSY", 1},
                                 {"MEMORY", 2}, {"GUESTS", 3, true}, {"WAITING", 3, true}};
  for (size_t i = 0; i < now.devices.size(); ++i) {
    const DeviceStatus& device = now.devices[i];
    double was = i < before.devices.size() ? before.devices[i].busy_seconds : 0;
    std::vector<std::string> row = {printable(device.id),
                                    printable(device.name),
                                    share_text(rate(was, device.busy_seconds, now.time - before.time)),
                                    memory_text(device.used, device.memory),
                                    std::to_string(device.sessions),
                                    std::to_string(device.waiting)};
    for (size_t k = 0; k < row.size(); ++k) columns[k].rows.push_back(row[k]);
  }
  return columns;
}

std::vector<Column> guest_columns(const ServerStatus& now, const std::vector<Guest>& guests) {
  std::vector<Column> columns = {
      {"GUEST", 0, true},    {"WHO", 3},       {"DEVICE", 5},      {"STATE", 4},         {"SHARE", 1},
      {"WEIGHT", 9, true},   {"MEMORY", 2},    {"OPS/S", 6, true}, {"UP MB/S", 7, true}, {"DOWN MB/S", 7, true},
      {"BUFFERS", 10, true}, {"TIME", 8, true}};
  for (const Guest& guest : guests) {
    const SessionStatus& session = *guest.session;
    bool opened = session.device >= 0 && session.device < static_cast<int>(now.devices.size());
    std::vector<std::string> row = {std::to_string(session.number),
                                    printable(session.peer),
                                    opened ? printable(now.devices[session.device].id) : "-",
                                    name_of(session.state),
                                    share_text(guest.share),
                                    formatted("%g", session.weight),
                                    memory_text(session.memory, session.limit),
                                    count_text(guest.operations),
                                    megabytes_text(guest.up),
                                    megabytes_text(guest.down),
                                    std::to_string(session.buffers),
                                    time_text(session.seconds)};
    for (size_t k = 0; k < row.size(); ++k) columns[k].rows.push_back(row[k]);
  }
  return columns;
}

size_t width_of(const std::vector<Column>& columns) {
  size_t width = 0;
  for (const Column& column : columns) width += column.width() + (width ? 2 : 0);
  return width;
}

std::string line_of(const std::vector<Column>& columns, const std::vector<size_t>& widths, size_t row) {
  std::string line;
  for (size_t k = 0; k < columns.size(); ++k) {
    const Column& column = columns[k];
    const std::string& text = row == 0 ? column.heading : column.rows[row - 1];
    std::string space(widths[k] - cells(text), ' ');
    line += (k ? "  " : "") + (column.right ? space + text : text + space);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

void append(TopScreen& screen, std::vector<Column> columns, size_t width) {
  while (width && columns.size() > 1 && width_of(columns) > width)
    columns.erase(std::ranges::max_element(columns, {}, &Column::rank));
  std::vector<size_t> widths;
  for (const Column& column : columns) widths.push_back(column.width());
  screen.headings.push_back(screen.lines.size());
  for (size_t row = 0; row <= columns[0].rows.size(); ++row) screen.lines.push_back(line_of(columns, widths, row));
}

}  // namespace

TopScreen top_screen(const ServerStatus& before, const ServerStatus& now, size_t width, size_t height) {
  TopScreen screen;
  std::string listens;
  for (const std::string& address : now.listens) listens += (listens.empty() ? "" : ", ") + printable(address);
  screen.lines.push_back(concat("lineshaft ", printable(now.release), " at ", listens));
  screen.lines.push_back(concat(now.sessions.size(), now.sessions.size() == 1 ? " guest, " : " guests, ", now.served,
                                " served, ", now.refused, " refused, ", now.failed, " failed"));
  screen.lines.emplace_back();
  append(screen, device_columns(before, now), width);
  std::vector<Guest> guests = guests_of(before, now);
  if (!guests.empty()) {
    screen.lines.emplace_back();
    size_t room = height ? height - std::min(height, screen.lines.size() + 1) : guests.size();
    size_t hidden = guests.size() > room ? guests.size() - room + (room > 0) : 0;
    guests.resize(guests.size() - hidden);
    append(screen, guest_columns(now, guests), width);
    if (hidden) screen.lines.push_back(concat("and ", hidden, " more, less busy"));
  }
  if (height && screen.lines.size() > height) screen.lines.resize(height);
  if (width)
    for (std::string& line : screen.lines) line = clipped(line, width);
  return screen;
}

}  // namespace lineshaft::cli
