// What the events of one stack say about its sessions, and whether they contradict themselves or the stack.
// Judges any scenario, whatever it was meant to show.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sip/stack.h"

namespace sidetone::test {

struct SessionStory {
  bool incoming = false;
  bool accepted = false;   // the caller had its 2xx
  bool confirmed = false;  // the callee had its ACK
  std::size_t offers = 0, confirmed_offers = 0;
  std::size_t ends = 0;
  sip::EndCause cause{};
  int status = 0;
};

class EventBook {
 public:
  explicit EventBook(const std::vector<sip::Event>& events) {
    for (const auto& event : events) std::visit([this](const auto& value) { read(value); }, event);
  }
  [[nodiscard]] const std::map<sip::SessionId, SessionStory>& sessions() const { return sessions_; }
  [[nodiscard]] const std::vector<std::string>& contradictions() const { return contradictions_; }

 private:
  template <typename T>
  void read(const T& event) {
    if constexpr (requires { event.session; }) {
      if (!event.session) return;
      auto& story = sessions_[event.session];
      if (story.ends != 0) contradict("an event after SessionEnded", event.session);
      note(story, event);
    }
  }

  template <typename T>
  void note(SessionStory&, const T&) {}
  void note(SessionStory& story, const sip::IncomingInvite& event) {
    if (story.incoming) contradict("IncomingInvite twice", event.session);
    story.incoming = true;
  }
  void note(SessionStory& story, const sip::ProvisionalReceived& event) {
    if (story.incoming || story.accepted) contradict("a provisional response out of place", event.session);
  }
  void note(SessionStory& story, const sip::Accepted& event) {
    if (story.incoming || story.accepted) contradict("Accepted out of place", event.session);
    story.accepted = true;
  }
  void note(SessionStory& story, const sip::Confirmed& event) {
    if (!story.incoming || story.confirmed) contradict("Confirmed out of place", event.session);
    story.confirmed = true;
  }
  void note(SessionStory& story, const sip::OfferReceived&) { ++story.offers; }
  void note(SessionStory& story, const sip::OfferConfirmed& event) {
    if (++story.confirmed_offers > story.offers) contradict("OfferConfirmed without offer", event.session);
  }
  void note(SessionStory& story, const sip::SessionEnded& event) {
    ++story.ends;
    story.cause = event.cause;
    story.status = event.status;
  }
  void contradict(std::string_view what, sip::SessionId session) {
    contradictions_.push_back(std::string(what) + " in session " + std::to_string(session.value));
  }

  std::map<sip::SessionId, SessionStory> sessions_;
  std::vector<std::string> contradictions_;
};

}  // namespace sidetone::test
