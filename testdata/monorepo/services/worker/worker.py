import redis

queue = redis.Redis(host="queue")
while True:
    _, job = queue.blpop("jobs")
    print("packing", job.decode())
