#include "engine/log/log_time.h"

#include <fmt/format.h>
#include <locale.h>

#include <array>

namespace sidetone::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string locale_text(const std::tm& calendar, locale_t locale) {
  std::array<char, 128> text{};
  const auto length = ::strftime_l(text.data(), text.size(), "%x %X", &calendar, locale);
  return {text.data(), length};
}

}  // namespace

std::tm calendar_of(WallTime time, bool utc) {
  const std::time_t second = std::chrono::system_clock::to_time_t(std::chrono::floor<seconds>(time));
  std::tm calendar{};
  if (utc)
    ::gmtime_r(&second, &calendar);
  else
    ::localtime_r(&second, &calendar);
  return calendar;
}

LogTimeWriter::LogTimeWriter(LogTimeForm form) : form_(form) {
  if (form_.format != LogTimeForm::Format::locale) return;
  // Of its own: the process's locale stays as it is (numbers in SIP are not those of a locale).
  locale_t chosen = ::newlocale(LC_ALL_MASK, "", nullptr);
  if (chosen == nullptr) chosen = ::newlocale(LC_ALL_MASK, "C", nullptr);
  locale_ = std::shared_ptr<void>(chosen, [](void* locale) { ::freelocale(static_cast<locale_t>(locale)); });
}

void LogTimeWriter::begin_second(std::chrono::sys_seconds second) {
  second_ = second;
  const auto c = calendar_of(second, form_.utc);
  switch (form_.format) {
    case LogTimeForm::Format::time:
      text_of_second_ = fmt::format("{:02}:{:02}:{:02}", c.tm_hour, c.tm_min, c.tm_sec);
      return;
    case LogTimeForm::Format::iso8601:
      text_of_second_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", c.tm_year + 1900, c.tm_mon + 1,
                                    c.tm_mday, c.tm_hour, c.tm_min, c.tm_sec);
      return;
    case LogTimeForm::Format::locale:
      text_of_second_ = locale_text(c, static_cast<locale_t>(locale_.get()));
      return;
  }
}

std::string LogTimeWriter::text(WallTime time) {
  const auto second = std::chrono::floor<seconds>(time);
  if (second != second_) begin_second(second);
  if (form_.format == LogTimeForm::Format::locale) return text_of_second_;
  return fmt::format("{}.{:03}", text_of_second_, std::chrono::floor<milliseconds>(time - second).count());
}

}  // namespace sidetone::engine
