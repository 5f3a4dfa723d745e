#include <cinttypes>
#include <cstdio>
#include <functional>

#include "server/status_json.h"

namespace lineshaft {
namespace {

std::string escaped(const std::string& text) {
  std::string result;
  for (char c : text) {
    if (c == '\\' || c == '"') result += '\\';
    if (c == '\n')
      result += "\\n";
    else
      result += c;
  }
  return result;
}

std::string printed(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

std::string printed(uint64_t value) {
  return std::to_string(value);
}

std::string printed(int64_t value) {
  return std::to_string(value);
}

std::string printed(int value) {
  return std::to_string(value);
}

class Metrics {
 public:
  explicit Metrics(const ServerStatus& status) : status_(status) {}

  void one(const char* name, const char* kind, const char* help, const auto& value) {
    head(name, kind, help);
    text += std::string("lineshaft_") + name + " " + printed(value) + "\n";
  }

  template <class Field>
  void devices(const char* name, const char* kind, const char* help, Field DeviceStatus::*field) {
    head(name, kind, help);
    for (const DeviceStatus& device : status_.devices)
      line(name, {{"device", device.id}, {"name", device.name}}, printed(device.*field));
  }

  template <class Field>
  void guests(const char* name, const char* kind, const char* help, Field GuestTotals::*field) {
    head(name, kind, help);
    for (const auto& [identity, guest] : status_.guests) line(name, {{"guest", identity}}, printed(guest.*field));
  }

  void line(const char* name, const std::vector<std::pair<const char*, std::string>>& labels,
            const std::string& value) {
    text += std::string("lineshaft_") + name + "{";
    for (size_t i = 0; i < labels.size(); ++i)
      text += (i ? "," : "") + std::string(labels[i].first) + "=\"" + escaped(labels[i].second) + "\"";
    text += "} " + value + "\n";
  }

  void head(const char* name, const char* kind, const char* help) {
    text += std::string("# HELP lineshaft_") + name + " " + help + "\n# TYPE lineshaft_" + name + " " + kind + "\n";
  }

  std::string text;

 private:
  const ServerStatus& status_;
};

}  // namespace

std::string metrics_text(const ServerStatus& status) {
  Metrics m(status);
  m.head("build_info", "gauge", "The server's release.");
  m.line("build_info", {{"release", status.release}}, "1");
  m.one("sessions", "gauge", "Sessions that are open.", static_cast<uint64_t>(status.sessions.size()));
  m.one("sessions_served_total", "counter", "Sessions since the start.", status.served);
  m.one("sessions_refused_total", "counter", "Guests that were turned away.", status.refused);
  m.one("sessions_failed_total", "counter", "Sessions that ended with an error.", status.failed);

  m.devices("device_memory_bytes", "gauge", "Memory of the device.", &DeviceStatus::memory);
  m.devices("device_used_bytes", "gauge", "Memory that all sessions on the device hold.", &DeviceStatus::used);
  m.devices("device_busy_seconds_total", "counter", "Time in which a session used the device.",
            &DeviceStatus::busy_seconds);
  m.devices("device_sessions", "gauge", "Sessions on the device.", &DeviceStatus::sessions);
  m.devices("device_waiting_sessions", "gauge", "Sessions that wait for the device.", &DeviceStatus::waiting);

  m.guests("guest_sessions", "gauge", "Sessions of the guest that are open.", &GuestTotals::sessions);
  m.guests("guest_memory_bytes", "gauge", "Memory that the guest's sessions hold.", &GuestTotals::memory);
  m.guests("guest_busy_seconds_total", "counter", "Time in which the guest used a device.", &GuestTotals::busy_seconds);
  m.guests("guest_lists_total", "counter", "Command lists of the guest.", &GuestTotals::lists);
  m.guests("guest_operations_total", "counter", "Operations of the guest.", &GuestTotals::operations);
  m.guests("guest_received_bytes_total", "counter", "Bytes of frames from the guest.", &GuestTotals::received);
  m.guests("guest_uploaded_bytes_total", "counter", "Bytes from the guest to a device.", &GuestTotals::uploaded);
  m.guests("guest_downloaded_bytes_total", "counter", "Bytes from a device to the guest.", &GuestTotals::downloaded);
  m.guests("guest_served_total", "counter", "Sessions of the guest since the start.", &GuestTotals::served);
  m.guests("guest_refused_total", "counter", "Times that the guest was turned away.", &GuestTotals::refused);
  m.guests("guest_failed_total", "counter", "Sessions of the guest that ended with an error.", &GuestTotals::failed);
  return std::move(m.text);
}

}  // namespace lineshaft
