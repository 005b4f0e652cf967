// Where the offers of one dialog stand (RFC 3264 §4, RFC 6337 §2.2): one exchange at a time, and each early
// dialog of a fork has its own.
#pragma once

#include <memory>
#include <optional>

#include "sip/message/message.h"
#include "sip/transaction/transaction_layer.h"

namespace sidetone::sip {

struct IncomingOffer {  // an INVITE, UPDATE or PRACK of the peer that waits for our user
  ServerTransactionId server;
  std::shared_ptr<const Message> request;
  bool has_sdp = false;
};

struct OfferState {
  bool settled = false;  // the first offer has its answer
  std::optional<IncomingOffer> incoming;
  bool offer_runs = false;  // of ours, in an UPDATE or PRACK
  // As caller: a reliable response that waits for prack(), and whether it brought an offer.
  std::shared_ptr<const Message> unpracked;
  bool answer_owed = false;
};

}  // namespace sidetone::sip
