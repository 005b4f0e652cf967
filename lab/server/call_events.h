// What the desktops of a call's parties are told, and in which order. Only DNs of ours have a desktop.
//
// A DN is off hook while it has a call that it made or answered: EventOffHook and EventOnHook come with the
// first and the last of them.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/log.h"
#include "labserver/registrar.h"
#include "labserver/switchboard.h"
#include "tlib/event.h"
#include "tlib/request.h"

namespace sidetone::lab {

// Bound: an owner that never polls must not fill the memory; the oldest are lost first.
inline constexpr std::size_t tlib_events_max = 20000;

class CallEvents {
 public:
  CallEvents(const Registrar& registrar, Switchboard& board, LogSink& log)
      : registrar_(registrar), board_(board), log_(log) {}

  // Calls have their type from the first event on.
  void dials(Call& call, const std::string& dn, Time now);  // OffHook, Dialing
  void rings(Call& call, const std::string& dn, Time now);
  void answers(Call& call, const std::string& dn, Time now);  // OffHook; no Established yet
  // The callee first, as the seed's ladder has it.
  void established(Call& call, const std::string& callee, const std::string& caller, Time now);
  void held(Call& call, const std::string& dn, Time now);
  void retrieved(Call& call, const std::string& dn, Time now);
  void destination_busy(Call& call, int status, Time now);
  // Released, Abandoned or nothing, then OnHook; PartyDeleted to those who stay in a conference. Removes it.
  void leaves(Call& call, Party& party, bool refused, Time now);
  // `former`: the connection id under which `dn` knew the call until now; empty: the same.
  void party_changed(Call& call, const std::string& dn, const std::string& other, Time now,
                     const std::string& former = {});
  void party_added(Call& call, const std::string& dn, const std::string& other, Time now);
  void dtmf_sent(Call& call, const tlib::Request& request, Time now);
  void service(const std::string& dn, bool in_service, Time now);
  void error(const tlib::Request& request, tlib::ErrorCode code, int status, std::string text, Time now);
  // The call as such is no more, its parties are elsewhere: "EventReleased (-,-)".
  void merged(Call& call, Time now);

  // How many events have told of a request's doings, from begin_counting() on, whose result end_counting()
  // wants. Clients choose their reference_ids: two requests may have the same.
  std::size_t begin_counting(std::uint64_t reference_id) {
    auto& told = told_[reference_id];
    ++told.requests;
    return told.events;
  }
  std::size_t end_counting(std::uint64_t reference_id, std::size_t begun_at) {
    auto& told = told_.at(reference_id);
    const auto events = told.events - begun_at;
    if (--told.requests == 0) told_.erase(reference_id);
    return events;
  }

  [[nodiscard]] bool is_internal(std::string_view dn) const;
  std::optional<tlib::Event> poll();

 private:
  [[nodiscard]] static std::string other_of(const Call& call, const Party& party);
  void tell(Call& call, tlib::EventName name, const std::string& dn, std::string other, Time now,
            int status = 0);
  void tell(tlib::Event event);
  void go_off_hook(Call& call, Party& party, Time now);
  void classify(Call& call);

  const Registrar& registrar_;
  Switchboard& board_;
  LogSink& log_;
  std::map<std::string, int, std::less<>> off_hook_;  // calls by DN
  struct Told {
    std::size_t requests = 0, events = 0;
  };
  std::map<std::uint64_t, Told> told_;  // by reference_id of requests under way
  std::deque<tlib::Event> events_;
};

}  // namespace sidetone::lab
