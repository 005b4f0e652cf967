#include "media/device/hidraw_headset.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace sidetone::media {
namespace {

// The sound card of a headset is there before its buttons are, and udev takes a moment to permit them.
constexpr unsigned tries_max = 8;
constexpr int retry_ms = 250;
constexpr std::size_t nodes_max = 64;  // keyboards and mice among them
constexpr std::size_t report_bytes_max = 1024 + 1;
constexpr std::size_t descriptor_bytes_max = 4096;  // HID_MAX_DESCRIPTOR_SIZE of Linux

std::vector<std::uint8_t> read_file(const std::string& path) {
  std::vector<std::uint8_t> bytes(descriptor_bytes_max + 1);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const auto count = ::read(file, bytes.data(), bytes.size());
  ::close(file);
  bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return bytes;
}

}  // namespace

HidrawHeadset::HidrawHeadset(HidrawPlaces places, OnAction on_action, LogSink& log)
    : places_(std::move(places)), on_action_(std::move(on_action)), log_(log) {
  // Without descriptors there are no buttons; the phone has other worries then.
  if (::pipe2(wake_, O_NONBLOCK | O_CLOEXEC) == 0) thread_ = std::thread([this] { run(); });
}

HidrawHeadset::~HidrawHeadset() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake();
  if (thread_.joinable()) thread_.join();
  for (const int descriptor : wake_)
    if (descriptor >= 0) ::close(descriptor);
}

void HidrawHeadset::look() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  wake();
}

void HidrawHeadset::set_calls(const device::HeadsetCalls& calls) {
  {
    const std::lock_guard lock(mutex_);
    if (calls_ == calls) return;
    calls_ = calls;
  }
  wake();
}

void HidrawHeadset::wake() {
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(wake_[1], &byte, 1);  // full: it is awake anyway
}

void HidrawHeadset::run() {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_) break;
    }
    work_wishes();
    pollfd ready[] = {{wake_[0], POLLIN, 0}, {node_, POLLIN, 0}};
    const bool tries = node_ < 0 && tries_left_ > 0;
    ::poll(ready, 2, tries ? retry_ms : -1);
    if (ready[0].revents != 0) {
      std::array<char, 64> bytes;
      while (::read(wake_[0], bytes.data(), bytes.size()) > 0) {
      }
    }
    if (ready[1].revents != 0) read();
  }
  // What it shows is over with us.
  shown_ = {};
  show();
  close();
}

void HidrawHeadset::work_wishes() {
  {
    const std::lock_guard lock(mutex_);
    if (look_) tries_left_ = tries_max;
    look_ = false;
    shown_ = calls_;
  }
  if (node_ < 0 && tries_left_ > 0) find();
  show();
}

void HidrawHeadset::find() {
  --tries_left_;
  std::error_code error;  // a system without hidraw, or a node that goes while we look
  std::filesystem::directory_iterator entry(places_.classes, error), end;
  for (std::size_t i = 0; !error && entry != end && i < nodes_max; entry.increment(error), ++i)
    if (open(entry->path().filename().string())) return;
}

bool HidrawHeadset::open(const std::string& name) {
  const auto descriptor = read_file(fmt::format("{}/{}/device/report_descriptor", places_.classes, name));
  auto telephony = device::HidTelephony::parse(descriptor);
  if (!telephony) return false;
  const auto path = fmt::format("{}/{}", places_.nodes, name);
  const int node = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (node < 0) {
    if (errno == EACCES && !std::exchange(refusal_told_, true))
      log(LogLevel::warning, fmt::format("the headset's buttons at {} may not be used: install the udev rule "
                                         "of packaging/udev",
                                         path));
    return false;
  }
  node_ = node;
  buttons_.emplace(std::move(*telephony));
  log(LogLevel::info, fmt::format("the headset's buttons are at {}", path));
  return true;
}

void HidrawHeadset::read() {
  std::array<std::uint8_t, report_bytes_max> bytes;
  for (;;) {
    const auto count = ::read(node_, bytes.data(), bytes.size());
    if (count <= 0) {
      if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
      log(LogLevel::info, "the headset's buttons are gone");
      return close();
    }
    const auto report = std::span(bytes).first(static_cast<std::size_t>(count));
    for (const auto action : buttons_->take_report(report)) on_action_(action);
  }
}

void HidrawHeadset::show() {
  if (!buttons_) return;
  for (const auto& report : buttons_->set_calls(shown_)) {
    // A headset that takes no lamp report is a headset without lamps.
    [[maybe_unused]] const auto written = ::write(node_, report.data(), report.size());
  }
}

void HidrawHeadset::close() {
  if (node_ >= 0) ::close(node_);
  node_ = -1;
  buttons_.reset();
}

void HidrawHeadset::log(LogLevel level, std::string text) {
  if (!log_.wants(LogTag::device, level)) return;
  LogRecord record;
  record.level = level;
  record.tag = LogTag::device;
  record.text = std::move(text);
  log_.write(std::move(record));
}

}  // namespace sidetone::media
