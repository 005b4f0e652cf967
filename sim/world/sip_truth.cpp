#include "sim/sip_truth.h"

#include <fmt/format.h>

#include "sim/shadow.h"

namespace sidetone::sim {

namespace {

LineState line_state(sip::RegistrationState state) {
  switch (state) {
    case sip::RegistrationState::registering: return LineState::registering;
    case sip::RegistrationState::registered: return LineState::ready;
    case sip::RegistrationState::failed: return LineState::failed;
    case sip::RegistrationState::unregistering: return LineState::unregistering;
    case sip::RegistrationState::unregistered: return LineState::disabled;
  }
  return LineState::failed;
}

// What is wrong with a call in that state whose dialog is that; empty: nothing.
std::string_view difference(const CallSnapshot& call, const std::optional<sip::Stack::DialogFacts>& dialog) {
  const bool confirmed = dialog && dialog->confirmed;
  switch (call.state) {
    case CallState::connected: return confirmed ? "" : "connected without a confirmed dialog";
    case CallState::connecting: return dialog ? "" : "answered without a dialog";
    case CallState::dialing:
    case CallState::ringing:
    case CallState::early: return confirmed ? "a confirmed dialog, and not answered" : "";
    case CallState::ended: return "ended, and in the snapshot";
  }
  return "no such state";
}

}  // namespace

void compare_with_sip(const SipTruth& truth, const Snapshot& snapshot, Verdict& verdict, Time now) {
  for (const auto& call : snapshot.calls) {
    std::optional<sip::SessionId> session;
    for (const auto& [id, owner] : truth.core.sessions())
      if (owner == call.call) session = id;
    const auto dialog = session ? truth.stack.dialog(*session) : std::nullopt;
    const auto wrong = difference(call, dialog);
    if (!wrong.empty())
      verdict.broken(now, "dialog_differs", fmt::format("{}: {}: {}", truth.phone, describe(call), wrong));
  }
  for (const auto& [account, state] : truth.registrations) {
    const auto id = truth.core.line_of(account);
    if (!id || id->index >= snapshot.lines.size()) continue;
    if (snapshot.lines[id->index].state != line_state(state))
      verdict.broken(
          now, "line_differs",
          fmt::format("{}: line {} shows another state than its registration", truth.phone, id->index));
  }
}

}  // namespace sidetone::sim
