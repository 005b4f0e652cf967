#include "sip/subscription/message_summary.h"

#include <fmt/format.h>

#include "base/text.h"
#include "sip/message/chars.h"

namespace sidetone::sip {
namespace {

// Bounds: a summary has one line for each of some ten classes; what follows them describes messages.
constexpr std::size_t body_bytes_max = 8192;
constexpr std::size_t account_bytes_max = 1024;

tl::unexpected<Error> bad(std::string_view wrong) {
  return fail(Layer::sip, Fault::syntax, fmt::format("message summary: {}", wrong));
}

std::string_view take_line(std::string_view& text) {
  auto line = take_until(text, '\n');
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// "2/8"
bool read_pair(std::string_view text, std::uint32_t& first, std::uint32_t& second) {
  const auto one = parse_number<std::uint32_t>(trim(take_until(text, '/')));
  const auto two = parse_number<std::uint32_t>(trim(text));
  if (!one || !two) return false;
  first = *one;
  second = *two;
  return true;
}

// "2/8 (0/2)"
std::optional<MessageCounts> read_counts(std::string_view text) {
  MessageCounts counts;
  auto all = trim(take_until(text, '('));
  if (!read_pair(all, counts.fresh, counts.old)) return std::nullopt;
  text = trim(text);
  if (text.empty()) return counts;
  if (text.back() != ')') return std::nullopt;
  text.remove_suffix(1);
  if (!read_pair(text, counts.urgent_fresh, counts.urgent_old)) return std::nullopt;
  return counts;
}

std::optional<MessageCounts>* class_of(MessageSummary& summary, std::string_view name) {
  if (iequals(name, "voice-message")) return &summary.voice;
  if (iequals(name, "fax-message")) return &summary.fax;
  if (iequals(name, "text-message")) return &summary.text;
  return nullptr;
}

// Shown to people: no character that moves a cursor.
std::string printable(std::string_view text) {
  std::string out(text.substr(0, account_bytes_max));
  for (char& c : out)
    if (chars::is(c, chars::control)) c = ' ';
  return out;
}

void write_counts(std::string& out, std::string_view name, const std::optional<MessageCounts>& counts) {
  if (!counts) return;
  out += fmt::format("{}: {}/{}", name, counts->fresh, counts->old);
  if (counts->urgent_fresh != 0 || counts->urgent_old != 0)
    out += fmt::format(" ({}/{})", counts->urgent_fresh, counts->urgent_old);
  out += "\r\n";
}

}  // namespace

Expected<MessageSummary> read_message_summary(std::string_view body) {
  if (body.size() > body_bytes_max) return bad("is longer than 8 kB");
  MessageSummary summary;
  bool has_status = false;
  while (!body.empty()) {
    auto line = take_line(body);
    if (trim(line).empty()) {
      if (has_status) break;  // an empty line ends the summary
      continue;
    }
    if (line.find(':') == std::string_view::npos) return bad("has a line without colon");
    const auto name = trim(take_until(line, ':'));
    const auto value = trim(line);
    if (iequals(name, "Messages-Waiting")) {
      if (!iequals(value, "yes") && !iequals(value, "no"))
        return bad("Messages-Waiting is neither yes nor no");
      summary.waiting = iequals(value, "yes");
      has_status = true;
    } else if (iequals(name, "Message-Account")) {
      summary.account = printable(value);
    } else if (auto* counts = class_of(summary, name)) {
      *counts = read_counts(value);
      if (!*counts) return bad("has counts that are no numbers");
    }
  }
  if (!has_status) return bad("does not say whether messages wait");
  return summary;
}

std::string write_message_summary(const MessageSummary& summary) {
  std::string out = fmt::format("Messages-Waiting: {}\r\n", summary.waiting ? "yes" : "no");
  if (!summary.account.empty()) out += fmt::format("Message-Account: {}\r\n", printable(summary.account));
  write_counts(out, "Voice-Message", summary.voice);
  write_counts(out, "Fax-Message", summary.fax);
  write_counts(out, "Text-Message", summary.text);
  return out;
}

Subscribe mailbox_subscription(AccountId account, std::string mailbox_uri, std::chrono::seconds expires,
                               Duration retry) {
  Subscribe subscribe;
  subscribe.account = account;
  subscribe.target = std::move(mailbox_uri);
  subscribe.event = message_summary_package;
  subscribe.accept = message_summary_type;
  subscribe.expires = expires;
  subscribe.retry = retry;
  return subscribe;
}

}  // namespace sidetone::sip
