# Run in Karrio's shell: an administrator with a key, and trackers, which only a carrier's own connection could make.
from karrio.server.manager.models import Tracking
from karrio.server.user.models import Token, User

admin = User.objects.create_superuser("admin@example.cn", "karrio-4711")
Token.objects.create(user=admin, key="key_karrio_4711", label="hub", test_mode=False)
for i in range(40):
    Tracking.objects.create(
        tracking_number=f"SF47110{i:05d}", test_mode=False, status="pending", created_by=admin, events=[],
        carrier={"connection_id": "", "connection_type": "account", "carrier_code": "generic", "carrier_id": "sf_express",
                 "carrier_name": "sf_express", "test_mode": False},
    )
print("seeded", Tracking.objects.count())
