// Keeps one piece of event state published (RFC 3903 §4): published, refreshed by its entity-tag, modified,
// removed; and from the beginning when the server has forgotten it (412).
#pragma once

#include <memory>
#include <string>

#include "sip/publication/publication_types.h"
#include "sip/stack_core.h"

namespace sidetone::sip {

class Publication : public std::enable_shared_from_this<Publication> {
 public:
  Publication(StackCore& core, PublicationId id, Publish wish, AccountPtr account);

  Expected<void> start(Time now);
  Expected<void> modify(std::string body, std::string content_type, Time now);
  Expected<void> remove(Time now);

  [[nodiscard]] PublicationId id() const { return id_; }
  [[nodiscard]] const AccountPtr& account() const { return account_; }

 private:
  enum class What { initial, refresh, modify, remove };
  Expected<void> send(What what, Time now);
  void send_or_fail(What what, Time now);
  void on_response(const Outcome& outcome, Time now);
  void on_success(const Message& response, Time now);
  void on_failure(const Outcome& outcome, Time now);
  bool try_again(const Outcome& outcome, Time now);  // 412, 423
  // What was wished for while a request ran.
  void next(Time now);
  void finish(PublicationState state, int status, std::string text);

  StackCore& core_;
  PublicationId id_;
  Publish wish_;
  AccountPtr account_;
  std::string entity_tag_;  // SIP-ETag of the last 2xx; empty: nothing is published
  std::chrono::seconds wanted_;
  What running_ = What::initial;
  bool in_flight_ = false, removing_ = false, modify_next_ = false, done_ = false;
  int tries_ = 0;
  Timer timer_;  // refresh or retry
};

}  // namespace sidetone::sip
