// How an ACK to a 2xx went out. Empty until the transport has sent it (a name may have to be resolved first).
#pragma once

#include "sip/transaction/transaction_layer.h"

namespace sidetone::sip {

struct TransactionLayer::AckHandle {
  Flow flow;
  Bytes bytes;
};

}  // namespace sidetone::sip
