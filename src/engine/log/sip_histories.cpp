#include "engine/log/sip_histories.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace sidetone::engine {

std::string sip_message_in_brief(std::string_view message) {
  constexpr std::string_view version = "SIP/2.0 ";
  const bool is_response = message.starts_with(version);
  const auto start = is_response ? message.substr(version.size()) : message;
  constexpr std::size_t word_max = 16;  // the longest method, SUBSCRIBE, has nine letters
  auto word = std::string(start.substr(0, std::min(start.find_first_of(" \r\n"), word_max)));
  const auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
  if (word.empty() || !std::all_of(word.begin(), word.end(), is_plain)) return "?";
  const auto body = message.find("\r\n\r\n");
  const bool has_description =
      body != std::string_view::npos && message.find("\nv=0", body) != std::string_view::npos;
  return has_description ? word + "+SDP" : word;
}

void SipHistories::add(std::uint64_t call, const SipRecord& record) {
  if (call == 0 || !record.bytes) return;
  const auto [at, is_new] = histories_.try_emplace(call);
  if (is_new) in_order_.push_back(call);
  if (at->second.messages++ < messages_max)
    at->second.text += fmt::format(" {}{}", record.direction == SipDirection::out ? '>' : '<',
                                   sip_message_in_brief(*record.bytes));
  if (in_order_.size() <= calls_max) return;
  histories_.erase(in_order_.front());
  in_order_.pop_front();
}

std::string SipHistories::take(std::uint64_t call) {
  const auto known = histories_.extract(call);
  if (!known) return {};
  const auto& history = known.mapped();
  if (history.messages <= messages_max) return history.text;
  return fmt::format("{} and {} more", history.text, history.messages - messages_max);
}

}  // namespace sidetone::engine
