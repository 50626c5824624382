import datetime as dt, pytest, time_machine
from rehab_platform.tour.guide import guide
@pytest.mark.django_db(transaction=True)
def test_days(live_server):
    bad=[]
    for n in range(9):
        for h in (3, 17):
            m = dt.datetime(2026,11,23,h,13,tzinfo=dt.UTC)+dt.timedelta(days=n*1)+dt.timedelta(hours=n)
            said=[]
            with time_machine.travel(m):
                code=guide(url=live_server.url, now=m, say=said.append, quiet=True)
            print(m, said[-1])
            if code: bad.append((m, said))
    assert not bad, bad
