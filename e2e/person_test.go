package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"granaio/store/storetest"
)

// The story of one person, Rosa: a visitor of the web site whom nobody knows becomes a regular customer of the app, the till and the contact centre, who was known twice and
// is one, who changes her mind about what is concluded of her, and in the end is forgotten. After each step the single view shows her as she is, and her timeline moves by itself.
func TestAPersonsStory(t *testing.T) {
	storetest.EachURL(t, func(t *testing.T, url string) {
		data := t.TempDir()
		shell{t, url}.says(0, nil, "import", "testdata/mill.yaml")
		s, now := boot(t, data, url, "--no-example"), time.Now()
		day := func(ago int) string { return now.AddDate(0, 0, -ago).UTC().Format(time.RFC3339) }
		m := &mill{server: s, t: t, url: url, birth: "1984-05-17", childsBirth: now.AddDate(0, -7, -3).Format(time.DateOnly)}
		m.anna, m.site, m.till = m.token("--operator", "anna"), m.token("--partner", "site"), m.token("--partner", "till")
		device, email, card := named("DEVICE", "cookie-7"), named("EMAIL", "rosa@example.com"), named("CARD", "2000 4711")

		// Web: somebody reads about bread.
		earned, _ := m.tells(m.site, "page.viewed", "web", variables{"member": device, "properties": variables{"topic": "bread"}})
		m.is("for reading", earned, "curious 2")
		m.sees(device, `
			life: anonymous
			identities: device cookie-7
			known: topic bread (first, web) without advice
			consents: advice unknown, news unknown, shops unknown
			contact: email no_consent
			metrics: places 1, purchases 0, spent 0.00
			points: 0 available, 2 pending, 0 owed
			missions: four 0
			tier and persona: seed
			since then: page.viewed at web
		`)

		// Contact centre: at a fair she leaves her address. Nobody knows yet that she is the reader.
		met := m.does(m.anna, "memberEnrol", "MemberEnrolInput", `member { id }`, variables{"status": "PROSPECT", "touchpoint": "help", "identities": []any{email["identity"]}})
		rosa := met.text("memberEnrol.member.id")
		m.seen = 0
		m.sees(email, `
			life: prospect
			identities: email rosa@example.com
			consents: advice unknown, news unknown, shops unknown
			contact: email no_consent
			metrics: places 0, purchases 0, spent 0.00
			points: 0 available, 0 pending, 0 owed
			missions: four 0
			tier and persona: seed
			since then: member.met at help
		`)
		newest := m.lives(rosa)
		newest("member.met", "help")

		// Web: she follows the link of a letter. The site knows both now.
		joined := m.does(m.site, "memberIdentify", "MemberIdentifyInput", `absorbed`, variables{"member": email, "identities": []any{device["identity"]}})
		visitor := joined.text("memberIdentify.absorbed.0")
		m.seen = 0
		m.sees(device, `
			life: prospect
			identities: device cookie-7, email rosa@example.com
			known: topic bread (first, web) without advice
			consents: advice unknown, news unknown, shops unknown
			contact: email no_consent
			metrics: places 1, purchases 0, spent 0.00
			points: 0 available, 2 pending, 0 owed
			missions: four 0
			tier and persona: seed
			since then: page.viewed at web, member.met at help
		`)

		// App: she registers, says who she is, and what may be done with that.
		m.does(m.site, "memberRegister", "MemberRegisterInput", `outcome { movements { points } }`, variables{"member": email, "touchpoint": "app", "locale": "it"})
		newest("member.enrolled", "app")
		her := m.token("--member", "email:rosa@example.com")
		m.does(her, "consentRecord", "ConsentRecordInput", `stopped { personas }`, variables{"touchpoint": "app", "decisions": []any{
			variables{"purpose": "advice", "state": "GIVEN"}, variables{"purpose": "news", "state": "GIVEN"},
		}})
		m.does(her, "memberUpdate", "MemberUpdateInput", `member { id }`, variables{"touchpoint": "app", "attributes": variables{"birth_date": m.birth, "nickname": "Rosetta", "diet": "vegetarian"}})
		m.does(her, "dependentAdd", "DependentAddInput", `dependentId`, variables{"touchpoint": "app", "kind": "child", "attributes": variables{"birth_date": m.childsBirth, "name": "Nino"}})
		newest("dependent.added", "app")
		m.sees(email, `
			life: registered
			identities: device cookie-7, email rosa@example.com
			known: birth_date BIRTH (zero, app), diet vegetarian (zero, app), nickname Rosetta (zero, app), topic bread (first, web)
			dependents: child CHILD Nino
			consents: advice given (app, text 1), news given (app, text 1), shops unknown
			contact: email yes
			metrics: places 1, purchases 0, spent 0.00
			points: 52 available, 0 pending, 0 owed
			missions: four 0
			tier and persona: seed baker
			since then: member.enrolled at app, consent.changed at app, member.updated at app, dependent.added at app
		`)

		// Till: weeks ago she got a card there, under her phone number. To the programme that is somebody else.
		m.seen = 0
		m.does(m.till, "memberEnrol", "MemberEnrolInput", `duplicate`, variables{"touchpoint": "till", "occurredAt": day(40), "identities": []any{card["identity"], variables{"kind": "PHONE", "value": "+39 333 1234567"}}})
		_, bought := m.tells(m.till, "purchase", "till", paid("60.00", card, day(30)))
		m.tells(m.till, "purchase", "till", paid("45.50", card, day(20)))
		m.sees(card, `
			life: registered
			identities: card 20004711, phone +393331234567
			consents: advice unknown, news unknown, shops unknown
			contact: email no_consent
			metrics: places 1, purchases 2, spent 105.50
			points: 155 available, 0 pending, 0 owed
			missions: four 2
			tier and persona: ear
			since then: member.enrolled at till, purchase at till, purchase at till
		`)

		// Contact centre: she answers a survey on the phone, and it turns out that the card is hers.
		m.tells(m.anna, "survey.answered", "help", variables{"member": email, "properties": variables{"cares_about": []string{"family", "nature"}, "comment": "Greet the miller"}})
		newest("survey.answered", "help")
		both := variables{"from": card, "into": email}
		preview := m.anna.ask(t, `query($from: MemberRef!, $into: MemberRef!) { memberMergePreview(from: $from, into: $into) { preview { status balances { available } identities { value } } userErrors { code } } }`, both)
		merged := m.does(m.anna, "memberMerge", "MemberMergeInput", `absorbed member { id account { available } }`, variables{"from": card, "into": email, "reason": "her card"})
		if before, after := preview.number("memberMergePreview.preview.balances.available"), merged.number("memberMerge.member.account.available"); before != after || merged.text("memberMerge.member.id") != rosa {
			t.Errorf("the preview says %d, the merge %d: %v", before, after, merged.Data)
		}
		m.seen = 0
		m.sees(card, `
			life: registered
			identities: device cookie-7, email rosa@example.com, card 20004711, phone +393331234567
			known: birth_date BIRTH (zero, app), cares_about family nature (zero, help), diet vegetarian (zero, app), nickname Rosetta (zero, app), topic bread (first, web)
			dependents: child CHILD Nino
			consents: advice given (app, text 1), news given (app, text 1), shops unknown
			contact: email yes
			metrics: places 3, purchases 2, spent 105.50
			points: 227 available, 0 pending, 0 owed
			missions: four 2
			tier and persona: ear baker
			since then: member.enrolled at till, purchase at till, purchase at till, page.viewed at web, member.met at help, member.enrolled at app, consent.changed at app, member.updated at app, dependent.added at app, survey.answered at help
		`)

		// Till: she shops, by card and by phone number. The fourth purchase, of both histories, completes a mission. Then she brings back what she bought before anybody knew
		// that she was one: what it gave is taken back, and the mission is open again.
		earned, _ = m.tells(m.till, "purchase", "till", paid("52.40", card, nil))
		m.is("for the third purchase", earned, "first-meals 10, nature 5, spend 52")
		earned, _ = m.tells(m.till, "purchase", "till", paid("30.00", named("PHONE", "0039 (333) 123-4567"), nil))
		m.is("for the fourth purchase", earned, "first-meals 10, nature 5, spend 30, four 25")
		newest("purchase", "till")
		offered := her.ask(t, `{ viewer { member { rewards { available reward { id key } } } } }`, nil)
		m.does(her, "rewardRedeem", "RewardRedeemInput", `redemption { id }`, variables{"reward": offered.text("viewer.member.rewards.0.reward.id")})
		m.does(m.till, "interactionReverse", "InteractionReverseInput", `outcome { movements { points } }`, variables{"interaction": bought})
		m.sees(email, `
			life: registered
			identities: device cookie-7, email rosa@example.com, card 20004711, phone +393331234567
			known: birth_date BIRTH (zero, app), cares_about family nature (zero, help), diet vegetarian (zero, app), nickname Rosetta (zero, app), topic bread (first, web)
			dependents: child CHILD Nino
			consents: advice given (app, text 1), news given (app, text 1), shops unknown
			contact: email yes
			metrics: places 3, purchases 3, spent 127.90
			points: 179 available, 0 pending, 0 owed
			missions: four 3
			tier and persona: ear baker
			rewards: apron
			since then: purchase at till, purchase at till
		`)

		// Till: shops see nothing of her until she says so.
		balance := `query($who: MemberRef!) { viewer { partner { member(ref: $who) { account { available } } } } }`
		if a := m.till.ask(t, balance, variables{"who": card}); a.at("viewer.partner.member") != nil {
			t.Errorf("a shop sees %v of somebody who has not agreed", a.Data)
		}
		m.does(m.till, "consentRecord", "ConsentRecordInput", `duplicate`, variables{"member": card, "touchpoint": "till", "decisions": []any{variables{"purpose": "shops", "state": "GIVEN"}}})
		if a := m.till.ask(t, balance, variables{"who": card}); a.at("viewer.partner.member.account.available") == nil {
			t.Errorf("a shop sees %v of somebody who has agreed", a.Data)
		}

		// App: she takes back what may be concluded of her, and wants no letters. It holds at once.
		stopped := m.does(her, "consentRecord", "ConsentRecordInput", `stopped { personas attributes messages partners }`, variables{"touchpoint": "app", "decisions": []any{
			variables{"purpose": "advice", "state": "WITHDRAWN"}, variables{"purpose": "news", "state": "WITHDRAWN"},
		}})
		m.is("what stopped", fmt.Sprint(stopped.at("consentRecord.stopped")), "map[attributes:[cares_about diet topic] messages:true partners:false personas:true]")
		newest("consent.changed", "app")
		earned, _ = m.tells(m.till, "purchase", "till", paid("10.00", card, nil))
		m.is("for the fifth purchase", earned, "first-meals 10, spend 10, four 25")
		m.sees(email, `
			life: registered
			identities: device cookie-7, email rosa@example.com, card 20004711, phone +393331234567
			known: birth_date BIRTH (zero, app), cares_about family nature (zero, help) without advice, diet vegetarian (zero, app) without advice, nickname Rosetta (zero, app), topic bread (first, web) without advice
			dependents: child CHILD Nino
			consents: advice withdrawn (app, text 1), news withdrawn (app, text 1), shops given (till, text 1)
			contact: email no_consent
			metrics: places 3, purchases 4, spent 137.90
			points: 224 available, 0 pending, 0 owed
			missions: four completed
			tier and persona: ear
			rewards: apron
			since then: consent.changed at till, consent.changed at app, purchase at till
		`)

		// App: she takes her file along, and goes.
		path := her.ask(t, `{ viewer { member { export { path } } } }`, nil).text("viewer.member.export.path")
		file := string(fetch(t, s.url+path, her.token))
		words := []string{"rosa@example.com", "+393331234567", "20004711", "cookie-7", "Rosetta", m.birth, "Nino", m.childsBirth, "Greet the miller", "vegetarian", "her card"}
		for _, word := range words {
			if !strings.Contains(file, word) {
				t.Errorf("her file lacks %s", word)
			}
		}
		m.does(her, "memberErase", "MemberEraseInput", `member { status }`, variables{})
		m.seen = 0
		m.sees(variables{"id": rosa}, `
			life: erased
			consents: advice unknown, news unknown, shops unknown
			contact: email no_consent
			metrics: places 0, purchases 0, spent 0.00
			points: 0 available, 0 pending, 0 owed
			missions: four 0
			rewards: apron
			since then: member.enrolled at till, purchase at till, purchase at till, page.viewed at web, member.met at help, member.enrolled at app, consent.changed at app, member.updated at app, dependent.added at app, survey.answered at help, purchase at till, purchase at till, consent.changed at till, consent.changed at app, purchase at till
		`)
		for _, id := range []string{visitor, merged.text("memberMerge.absorbed.0")} {
			if a := m.anna.ask(t, whole, variables{"who": variables{"id": id}}); a.text("viewer.operator.member.status") != "ERASED" {
				t.Errorf("of an old id there is %v", a.Data)
			}
		}
		for _, who := range []variables{device, email, card} {
			if a := m.anna.ask(t, whole, variables{"who": who}); a.at("viewer.operator.member") != nil {
				t.Errorf("%v still stands for somebody: %v", who, a.Data)
			}
		}
		left := string(fetch(t, s.url+path, m.anna.token))
		for _, word := range words {
			if strings.Contains(left, word) {
				t.Errorf("what is left of her says %s", word)
			}
		}
		a, _, err := m.site.try(track, variables{"input": variables{"idempotencyKey": "late", "event": "page.viewed", "touchpoint": "web", "member": variables{"id": rosa}}})
		if err != nil || a.text("interactionTrack.userErrors.0.code") != "MEMBER_ERASED" {
			t.Errorf("what comes after her is answered with %v, %v", a, err)
		}
		shell{t, url}.says(0, []string{rosa}, "erasures", "export")
		shell{t, url}.says(0, nil, "check", "--metrics", "--sample", "0")
	})
}
