// All subscriptions of one Stack, both sides: made, found, counted.
#pragma once

#include <memory>
#include <unordered_map>

#include "sip/refer/refer_types.h"
#include "sip/stack_core.h"
#include "sip/subscription/event_name.h"
#include "sip/subscription/notifier.h"
#include "sip/subscription/subscriber.h"
#include "sip/subscription/subscription_types.h"

namespace sidetone::sip {

class Subscriptions {
 public:
  explicit Subscriptions(StackCore& core) : core_(core) {}

  // --- commands; see Stack
  Expected<SubscriptionId> subscribe(Subscribe wish, Time now);
  Expected<void> unsubscribe(SubscriptionId id, Time now);
  Expected<SubscriptionId> accept(ServerRequestId request, std::chrono::seconds expires, bool pending,
                                  Time now);
  Expected<void> notify(SubscriptionId id, Notify notify, Time now);
  Expected<SubscriptionId> refer(Refer wish, Time now);                      // refer/refer_commands.cpp
  Expected<SubscriptionId> accept_refer(ServerRequestId request, Time now);  // refer/refer_commands.cpp
  Expected<void> notify_refer(SubscriptionId id, int status, std::string_view reason, Time now);
  void move_account(const AccountState& account, SocketId socket, const IpAddress& ip, Time now);
  void remove_account(AccountId account, Time now);

  // --- inputs. A NOTIFY or SUBSCRIBE of a subscription that is known; false: it belongs to none, and was
  // left as it is.
  bool take(RequestReceived& request, Time now);
  // Whether a request that belongs to none may come up to the user; it was answered when not.
  bool admit(ServerTransactionId id, const Message& request, SessionId session, Time now);
  // The event that brings an admitted request up.
  [[nodiscard]] Event event_for(IncomingRequest request) const;

  // --- for the subscriptions
  std::shared_ptr<Subscriber> add_fork(const Subscribe& wish, const EventName& event, AccountPtr account);
  void forget(Subscriber& subscriber);
  void forget(Notifier& notifier);
  // What is granted of a wanted duration; the least that would be when it is too brief (423).
  [[nodiscard]] Expected<std::chrono::seconds, std::chrono::seconds> granted(
      std::chrono::seconds wanted) const;
  [[nodiscard]] std::size_t size() const { return subscribers_.size() + notifiers_.size(); }
  // What was forgotten is freed when the stack is at rest: it may be what runs.
  void settle() {
    finished_subscribers_.clear();
    finished_notifiers_.clear();
  }

 private:
  [[nodiscard]] Expected<void> room(const AccountState* account) const;
  std::shared_ptr<Subscriber> add_subscriber(Subscribe wish, EventName event, AccountPtr account,
                                             SessionId session);
  Expected<std::shared_ptr<Notifier>> add_notifier(ServerRequestId request, EventName event,
                                                   std::chrono::seconds expires, bool pending, Time now);
  [[nodiscard]] bool is_served(std::string_view package) const;
  [[nodiscard]] bool is_unsolicited(std::string_view package) const;
  bool take_notify(const std::string& key, RequestReceived& request, const EventName& event, Time now);
  bool take_subscribe(const std::string& key, RequestReceived& request, const EventName& event, Time now);
  void bad_event(ServerTransactionId id, const Message& request, Time now);

  StackCore& core_;
  IdSource<SubscriptionId> ids_;
  std::unordered_map<SubscriptionId, std::shared_ptr<Subscriber>> subscribers_;
  std::unordered_map<SubscriptionId, std::shared_ptr<Notifier>> notifiers_;
  std::vector<std::shared_ptr<Subscriber>> finished_subscribers_;
  std::vector<std::shared_ptr<Notifier>> finished_notifiers_;
};

}  // namespace sidetone::sip
