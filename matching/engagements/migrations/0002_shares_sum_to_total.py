"""The shares of an engagement sum to its total, to the yen; checked at commit."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION check_shares_sum_to_total() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
    total bigint;
    parts bigint;
BEGIN
    IF TG_TABLE_NAME = 'engagements_engagement' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.engagement_id;
    ELSE
        checked := NEW.engagement_id;
    END IF;
    SELECT total_yen INTO total FROM engagements_engagement WHERE id = checked;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(sum(cost_yen), 0) INTO parts
        FROM engagements_share WHERE engagement_id = checked;
    IF parts <> total THEN
        RAISE EXCEPTION 'shares_sum_to_total: engagement %, total % yen, shares % yen',
            checked, total, parts USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END;
$$;
CREATE CONSTRAINT TRIGGER shares_sum_to_total
    AFTER INSERT OR UPDATE OR DELETE ON engagements_share
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_shares_sum_to_total();
CREATE CONSTRAINT TRIGGER total_is_sum_of_shares
    AFTER INSERT OR UPDATE OF total_yen ON engagements_engagement
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_shares_sum_to_total();
"""
BACKWARD = """
DROP TRIGGER shares_sum_to_total ON engagements_share;
DROP TRIGGER total_is_sum_of_shares ON engagements_engagement;
DROP FUNCTION check_shares_sum_to_total();
"""


class Migration(migrations.Migration):
    dependencies = [("engagements", "0001_tables")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
