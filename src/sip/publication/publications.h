// All publications of one Stack.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "sip/publication/publication.h"

namespace sidetone::sip {

class Publications {
 public:
  explicit Publications(StackCore& core) : core_(core) {}

  Expected<PublicationId> publish(Publish wish, Time now);
  Expected<void> republish(PublicationId id, std::string body, std::string content_type, Time now);
  Expected<void> unpublish(PublicationId id, Time now);
  void remove_account(AccountId account, Time now);

  void forget(Publication& publication);
  [[nodiscard]] std::size_t size() const { return publications_.size(); }
  void settle() { finished_.clear(); }

 private:
  [[nodiscard]] std::shared_ptr<Publication> find(PublicationId id) const;

  StackCore& core_;
  IdSource<PublicationId> ids_;
  std::unordered_map<PublicationId, std::shared_ptr<Publication>> publications_;
  std::vector<std::shared_ptr<Publication>> finished_;  // freed when the stack is at rest
};

}  // namespace sidetone::sip
