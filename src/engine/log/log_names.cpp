#include "engine/log/log_names.h"

#include <algorithm>

#include "base/text.h"

namespace sidetone::engine {

void LogNameBook::learn(const LogNames& names) {
  if (names.account != 0 && names.line && accounts_.size() < accounts_max)
    accounts_[names.account] = {names.line, 0};
  if (names.session != 0) {
    const auto [at, is_new] = sessions_.try_emplace(names.session);
    if (is_new) sessions_in_order_.push_back(names.session);
    if (names.account != 0) at->second.account = names.account;
    if (names.line) at->second.name.line = names.line;
    if (names.call != 0) at->second.name.call = names.call;
    if (names.call != 0 && names.line) lines_of_calls_[names.call] = *names.line;
  }
  if (!names.call_id.empty()) {
    const auto [at, is_new] = call_ids_.try_emplace(names.call_id);
    if (is_new) call_ids_in_order_.push_back(names.call_id);
    at->second = {names.account, names.session};
  }
  if (sessions_in_order_.size() > kept_max) {
    if (const auto oldest = sessions_.extract(sessions_in_order_.front()))
      lines_of_calls_.erase(oldest.mapped().name.call);
    sessions_in_order_.pop_front();
  }
  if (call_ids_in_order_.size() > kept_max) {
    call_ids_.erase(call_ids_in_order_.front());
    call_ids_in_order_.pop_front();
  }
}

LogNameBook::Name LogNameBook::of_account(std::uint64_t account) const {
  const auto at = accounts_.find(account);
  return at == accounts_.end() ? Name{} : at->second;
}

LogNameBook::Name LogNameBook::of_session(std::uint64_t session) const {
  const auto at = sessions_.find(session);
  if (at == sessions_.end()) return {};
  Name name = at->second.name;
  if (!name.line) name.line = of_account(at->second.account).line;
  return name;
}

LogNameBook::Name LogNameBook::of_call_id(std::string_view call_id) const {
  const auto at = call_ids_.find(call_id);
  if (at == call_ids_.end()) return {};
  Name name = of_session(at->second.session);
  if (!name.line) name.line = of_account(at->second.account).line;
  return name;
}

std::optional<std::uint32_t> LogNameBook::line_of_call(std::uint64_t call) const {
  const auto at = lines_of_calls_.find(call);
  return at == lines_of_calls_.end() ? std::nullopt : std::optional(at->second);
}

void LogNameBook::complete(LogRecord& record) const {
  if (!record.line && record.call != 0) record.line = line_of_call(record.call);
  if (record.session == 0 && record.account == 0) return;
  const Name name = of_session(record.session);
  if (record.call == 0) record.call = name.call;
  if (!record.line) record.line = name.line;
  if (!record.line) record.line = of_account(record.account).line;
}

std::string_view call_id_in(std::string_view message) {
  // Bound: the first headers hold it in any message that people send; what follows the headers is no header.
  constexpr std::size_t searched_max = 16384;
  message = message.substr(0, searched_max);
  while (!message.empty()) {
    const auto end = std::min(message.find('\n'), message.size());
    const auto line = trim(message.substr(0, end));
    if (line.empty()) return {};
    const auto colon = line.find(':');
    if (colon != std::string_view::npos) {
      const auto name = trim(line.substr(0, colon));
      if (iequals(name, "Call-ID") || iequals(name, "i")) return trim(line.substr(colon + 1));
    }
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return {};
}

}  // namespace sidetone::engine
