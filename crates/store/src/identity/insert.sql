INSERT INTO identity (
    id, device, office, office_title, district_title, centre_url, public_url,
    certificate, centre_key, key_seed, secret, epoch
) VALUES (
    1, :device, :office, :office_title, :district_title, :centre_url, :public_url,
    :certificate, :centre_key, :key_seed, :secret, :epoch
)
